"""The program: command line, composition, and later the window."""
