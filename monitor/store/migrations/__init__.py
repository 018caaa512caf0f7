"""Alembic migrations, one file a change of the tables."""

HEAD = "0015"
"""The newest revision, so that an open database is known to be current without loading Alembic (0.4 s)."""
