"""Institutions and persons by name; ``read`` is the door."""
