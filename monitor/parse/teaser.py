"""Which of an entry's texts to keep."""

TEASER = 1_000
"""Characters of markup below which a summary may leave out what the content says (WordPress excerpts have 55 words)."""


def fuller(summary: str, content: str) -> str:
    """The text of an entry: its summary, or its whole content where the summary is only a teaser of that."""
    return content if len(summary) < TEASER and len(content) > len(summary) else summary
