"""Qt models over frames, and the filter that people are searched with."""
