"""Bytes to raw entries; the only room with feedparser.

Reads RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed, news sitemaps and watched pages, in worker processes with a deadline and a
memory limit; and OPML. Not here yet: recovery of what a bad prolog hides.
"""
