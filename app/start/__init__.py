"""The start page: bundled scenarios, recent runs, and the form of a new run."""
