"""Bytes to raw entries; the only room with feedparser.

Reads RSS 0.9x, 1.0 and 2.0, Atom, and JSON Feed. Not here yet: news sitemaps, watched pages, worker processes with a
deadline, recovery of what a bad prolog hides.
"""
