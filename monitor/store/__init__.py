"""The database: SQLite by default, PostgreSQL when shared; the only room with SQL.

Rows stay in here: what goes in and out are the values of `monitor.domain`. Not here yet: versions of edited entries,
annotations, full-text search, and a table of stories (a story is the id of its first entry).
"""
