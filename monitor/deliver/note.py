"""A short message of our own, such as a test or an alarm, in the three forms of a digest. Pure."""

from collections.abc import Sequence
from html import escape

from monitor.deliver.text import escape_slack, one_line
from monitor.domain.digest import Message

_HEADER, _SECTION = 150, 3_000  # characters that Slack takes


def note(key: str, title: str, lines: Sequence[str], *, about: str = "") -> Message:
    """Write a title, a paragraph a line, and a sentence in small print."""
    title = one_line(title)
    small = f'<p style="color:#666;font-size:90%">{escape(about)}</p>' if about else ""
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f'<body style="font-family:sans-serif;max-width:40em"><h1 style="font-size:130%">{escape(title)}</h1>'
        f"{body}{small}</body></html>"
    )
    text = "\n\n".join([title, *lines, *([about] if about else [])]) + "\n"
    header = {"type": "header", "text": {"type": "plain_text", "text": title[:_HEADER]}}
    sections = [
        {"type": "section", "text": {"type": "mrkdwn", "text": escape_slack(line)[:_SECTION]}} for line in lines if line
    ]
    return Message(key, title, html, text, ((header, *sections[:45]),))
