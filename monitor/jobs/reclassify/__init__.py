"""Reclassifying: stored entries through a model version, beside the scores that stand; ``run`` is the door."""
