"""What a text tells as facts: for now the countries that it names. Pure, driven by gazetteers that are data.

Not here yet: the role that a country plays (nationality, scene, actor), measures with their stage, figures, persons and
other actors.
"""
