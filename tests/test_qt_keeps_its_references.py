"""PySide6 6.12.0 lost a reference to None on each call that returned None, and ended the program after thousands."""

import sys

from PySide6.QtWidgets import QApplication


def test_none_is_as_often_referred_to_as_before(qapp: QApplication) -> None:
    qapp.processEvents()
    before = sys.getrefcount(None)
    for _ in range(1000):
        qapp.processEvents()
    assert sys.getrefcount(None) > before - 100
