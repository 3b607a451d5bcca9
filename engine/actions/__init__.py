"""Actions: the mechanism by which deciding becomes doing, and the basic ones."""
