"""The panels of the window: each shows one side of the `View`, and changes nothing but through it."""
