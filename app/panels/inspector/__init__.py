"""The inspector: who somebody is, and why they did what they did."""

from app.panels.inspector.panel import InspectorPanel

__all__ = ["InspectorPanel"]
