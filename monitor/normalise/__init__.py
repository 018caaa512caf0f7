"""The one way to clean text, links, dates and languages, used by every room above. Pure.

Not here yet: month names of languages other than English, epoch numbers and long forms in dates; edits of entries.
"""
