"""What is the same: repeats in a feed, and entries of several feeds that are one story. Pure.

Not here yet: near-duplicates by similarity, and stories told in different words.
"""
