"""Judge entries: title and text in, a calibrated probability a label out, with the words that moved it.

`lexicon` and `reading` turn text into words and concepts, `features` into numbers, `classifier` into scores;
`train` and `artefact` make and keep the weights. The only room with scikit-learn.

`words` and `rules` are what users add in labels.toml; `quality`, `tune`, `queue` and `drift` are the workbench:
whether a model is good or better, well cut, short of labels, or out of date. All of them are pure but `artefact`.
"""
