"""The plane: people who walk freely in continuous space around walls, on CPU kernels."""
