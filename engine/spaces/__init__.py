"""Spaces: where bodies are. One folder for each kind of space."""
