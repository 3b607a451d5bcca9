"""The hex space: landscape, flow fields, and two backends with one state."""
