"""A society served to views over one wire: the host's side, the client's side, and the format between them."""
