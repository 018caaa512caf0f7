"""What is the same: edits, repeats under other keys, and entries of several feeds that are one story. Pure.

`told.tell` makes an entry ready for comparing, `keys.candidate_keys` says by what a store finds its candidates, and
`place.place` says what it is to them: a copy, a further telling of a story, or the beginning of one.
"""
