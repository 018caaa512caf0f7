"""Say how good scores are: truth and scores in, measures with intervals, plots and a verdict out.

`evaluate` counts, `curves` and `bootstrap` draw and doubt, `measure` puts them together by group, `gate` says whether
one model beats another, `page` and `plot` show it. Nothing here knows how a score is made.
"""
