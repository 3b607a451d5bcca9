"""The engine: scenario in, ticks out. Knows no window and no language model."""
