"""Processes that judge: what a backfill reads from an archive, and stored entries anew."""
