"""Writing pictures and tables that a user wants to keep: whole or not at all, and one sentence says how it went."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QGraphicsScene

SCREEN = 96
"""Dots an inch for which fonts on screen are sized."""
SHARP = 2
"""Pixels of a picture for each logical pixel."""


def write_whole(path: Path, data: bytes) -> str:
    """Write a file, whole or not at all; return one sentence when the disk refuses, else ""."""
    fresh = ""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            fresh = file.name
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(fresh, 0o644)
        os.replace(fresh, path)
    except OSError as error:
        if fresh:
            with suppress(OSError):
                os.unlink(fresh)
        words = QCoreApplication.translate("exports", "{0} could not be written ({1}). Choose another folder.")
        return words.format(path, error.strerror or error)
    return ""


def picture(scene: QGraphicsScene, ground: str) -> bytes:
    """Return a scene as PNG, on a ground ("#rrggbb")."""
    size = _size(scene)
    image = QImage(size * SHARP, QImage.Format.Format_ARGB32)
    image.fill(QColor(ground))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scene.render(painter, QRectF(0, 0, size.width() * SHARP, size.height() * SHARP), _rect(scene))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def drawing(scene: QGraphicsScene, ground: str, title: str) -> bytes:
    """Return a scene as SVG, on a ground ("#rrggbb")."""
    from PySide6.QtSvg import QSvgGenerator

    size = _size(scene)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    made = QSvgGenerator()
    made.setOutputDevice(buffer)
    made.setSize(size)
    made.setResolution(SCREEN)
    made.setViewBox(QRectF(0, 0, size.width(), size.height()))
    made.setTitle(title)
    painter = QPainter(made)
    painter.fillRect(0, 0, size.width(), size.height(), QColor(ground))
    scene.render(painter, QRectF(0, 0, size.width(), size.height()), _rect(scene))
    painter.end()
    return bytes(buffer.data().data())


def table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as CSV (RFC 4180, UTF-8). Numbers are written so that they read back as they were."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().encode()


def _rect(scene: QGraphicsScene) -> QRectF:
    views = scene.views()
    return QRectF(views[0].viewport().rect()) if views else scene.sceneRect()


def _size(scene: QGraphicsScene) -> QSize:
    return _rect(scene).size().toSize()
