"""Backfill: what was published before the monitor was there, or while it was down; ``run`` is the door."""
