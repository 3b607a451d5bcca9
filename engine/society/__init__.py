"""The society: what modules and actions share, and one folder for each module."""
