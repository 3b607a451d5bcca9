"""The minds: who decides for whom, how the language models do, and the choice of another."""

from app.panels.minds.panel import MindsPanel

__all__ = ["MindsPanel"]
