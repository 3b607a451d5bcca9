"""Who decides: minds, attention, and later language models and memory."""
