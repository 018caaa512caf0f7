"""What a text tells as facts: countries and their roles, measures, figures, names. Pure, driven by words that are data.

`reading` splits a title and a text once, `gazetteer` and `phrases` find names and cues in it, and each kind of fact has
its own rules on top of them.
"""
