"""Draws what a window has recorded, as a picture or a drawing: a process of its own, since it may take seconds."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize
from PySide6.QtGui import QColor, QGuiApplication, QImage, QImageWriter, QPainter, QPicture
from PySide6.QtSvg import QSvgGenerator

SCREEN = 96
"""Dots an inch for which fonts on screen are sized."""
SHARP = 2
"""Pixels of a picture for each logical pixel."""
LARGEST = 16_384
"""Most logical pixels of a side."""


def command_picture(options: argparse.Namespace) -> int:
    """Read a line of JSON (kind, width, height, ground, title) and Qt's strokes; write PNG or SVG to the output."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QGuiApplication([])
    wish = json.loads(sys.stdin.buffer.readline())
    strokes = QPicture()
    buffer = QBuffer()
    buffer.setData(QByteArray(sys.stdin.buffer.read()))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    if not strokes.load(buffer):
        raise SystemExit("there is no picture")
    size = QSize(min(LARGEST, int(wish["width"])), min(LARGEST, int(wish["height"])))
    sys.stdout.buffer.write((_drawing if wish["kind"] == "svg" else _picture)(strokes, size, wish))
    sys.stdout.buffer.flush()
    application.quit()
    return 0


def _picture(strokes: QPicture, size: QSize, wish: Any) -> bytes:
    """Return PNG."""
    image = QImage(size * SHARP, QImage.Format.Format_ARGB32)
    image.fill(QColor(wish["ground"]))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(SHARP, SHARP)
    painter.drawPicture(0, 0, strokes)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def _drawing(strokes: QPicture, size: QSize, wish: Any) -> bytes:
    """Return SVG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    made = QSvgGenerator()
    made.setOutputDevice(buffer)
    made.setSize(size)
    made.setResolution(SCREEN)
    made.setViewBox(QRectF(0, 0, size.width(), size.height()))
    made.setTitle(str(wish["title"]))
    painter = QPainter(made)
    painter.fillRect(0, 0, size.width(), size.height(), QColor(wish["ground"]))
    painter.drawPicture(0, 0, strokes)
    painter.end()
    return bytes(buffer.data().data())
