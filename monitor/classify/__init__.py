"""Judge entries: title and text in, a calibrated probability a label out, with the words that moved it.

`lexicon` and `reading` turn text into words and concepts, `features` into numbers, `classifier` into scores;
`train`, `evaluate` and `artefact` make, measure and keep the weights. The only room with scikit-learn.

Not yet: the user's own terms and watch-lists, a rule score that works without a model, tuning of thresholds,
training with annotations or stored entries, drift.
"""
