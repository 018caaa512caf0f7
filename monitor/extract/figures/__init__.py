"""Counts of people and cases: how many, of whom, from where, said by whom; ``read`` is the door."""
