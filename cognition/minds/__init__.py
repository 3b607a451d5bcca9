"""Minds: each answers batches of observations with decisions."""
