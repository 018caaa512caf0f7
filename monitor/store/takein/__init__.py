"""What `monitor import` writes: rows of an export, a page a transaction, beside what is there.

What is there stays as it is. Nothing that comes so may be announced, and its origin is `backfill`, as that of all that
no poll of this monitor has seen.
"""
