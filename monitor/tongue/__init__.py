"""What we say to readers, in their language: words, number forms, days, names, and which way they run. Pure.

`of` gives a `Tongue` by its code. Words are looked up by key in data/CODE.toml, there are none in the code of digests,
and a key that one language lacks is refused when its catalogue is read. Names of countries, languages and months, and
which form goes with which number, are CLDR's, by Babel.
"""
