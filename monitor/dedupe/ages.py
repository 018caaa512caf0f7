"""How old the people are that a text tells of: few facts are told by so many outlets, and are so seldom the same."""

import re

_READ = 700  # characters of a text: who it is about stands at the beginning
# "de 30 ans" is an age, but not behind a word for a sentence; a number between commas is one in English and Dutch.
_TERM = "".join(f"(?<!{word})" for word in ("peine", "prison", "clusion", "tention", "durée", "condena", "pena"))
_AGE = re.compile(
    r"\b(\d\d)(?:-year-old|-?\s?jährig|-?\s?jarig|-летн|\sJahre\salt|\sjaar\soud)"
    r"|\b(?:aged?|s?he is|âgée?s? de|à(?=\s\d\d ans,)|avait|a(?=\s\d\d ans))\s(\d\d)\b"
    rf"|{_TERM} de (\d\d) (?:ans|años)\b"
    r"|, (\d\d),"
    r"|\((\d\d) (?:عام|سن)"
    r"|(?:من العمر|[^\W\d]*بالغ[ةه]?) (\d\d)\b",
    re.IGNORECASE,
)


def ages(title: str, text: str) -> frozenset[int]:
    """Return the ages that a title and the beginning of a text give, in years from 10 to 99, in seven languages."""
    found = _AGE.finditer(f"{title} . {text[:_READ]}")
    return frozenset(int(match[match.lastindex or 0]) for match in found)
