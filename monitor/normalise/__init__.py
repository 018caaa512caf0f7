"""The one way to clean text, links, dates and languages, used by every room above. Pure.

Not here yet: edits of entries, and trust in guids that a feed changes.
"""
