"""Training: everything that changes weights. Needs the extra `training`; nothing else of the program imports it."""
