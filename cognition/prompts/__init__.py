"""Prompts: an observation in words, from what everyone shares to what is one person's own, and the options listed."""
