"""What a user takes along, as bytes: plots recorded for drawing, and tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QRectF
from PySide6.QtGui import QPainter, QPicture
from PySide6.QtWidgets import QGraphicsScene


def recorded(scene: QGraphicsScene, ground: str, title: str) -> tuple[dict[str, Any], bytes]:
    """Return a scene as strokes that `app.picture_process` draws: what it wants to know, and Qt's bytes of them.

    Recording takes some milliseconds, drawing lines of thousands of points some seconds. `ground` is "#rrggbb".
    """
    where = _rect(scene)
    strokes, painter = QPicture(), QPainter()
    painter.begin(strokes)
    scene.render(painter, QRectF(0, 0, where.width(), where.height()), where)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    strokes.save(buffer)
    size = where.size().toSize()
    wish = {"width": size.width(), "height": size.height(), "ground": ground, "title": title}
    return wish, bytes(buffer.data().data())


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
