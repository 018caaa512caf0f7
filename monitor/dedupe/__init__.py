"""What is the same: edits, repeats under other keys, and entries of several feeds that are one story. Pure.

Not here yet: near-duplicates by similarity, and stories told in different words.
"""
