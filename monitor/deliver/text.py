"""Plain text made safe for where it goes: one header line, a text part, a service with a limit."""

import re
import unicodedata

# Every control character but the tab and the line feed: an escape sequence in a feed's title must not reach a terminal.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|\x85|\u2028|\u2029")


def one_line(text: str, limit: int = 250) -> str:
    """Make ``text`` fit for a header: white space collapsed, control characters gone, at most ``limit`` characters."""
    words = " ".join(_SURROGATES.sub("\ufffd", text).split())
    line = "".join(c for c in words if unicodedata.category(c) != "Cc")
    return line if len(line) <= limit else line[: max(0, limit - 1)].rstrip() + "…"


def plain(text: str) -> str:
    """Make ``text`` fit for a text part: line ends are ``\\n``, control characters and lone surrogates are gone."""
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)))


def escape_slack(text: str) -> str:
    """Escape the three characters that mean something in Slack's texts, so that ``<!channel>`` calls nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut_lines(text: str, limit: int) -> str:
    """Cut ``text`` by whole lines to at most ``limit`` characters, closed by a line that counts the rest.

    A limit of 0 or less means none. Where not even the first line fits beside the closing line, the first line is
    cut by characters, and where the limit is too small for that, the text is.
    """
    if limit <= 0 or len(text) <= limit:
        return text
    lines = text.split("\n")
    used = len(text)
    for kept in range(len(lines) - 1, 0, -1):
        used -= len(lines[kept]) + 1
        closing = _closing(len(lines) - kept)
        if used + 1 + len(closing) <= limit:
            return "\n".join([*lines[:kept], closing])
    closing = _closing(len(lines) - 1)
    room = limit - len(closing) - 2
    if len(lines) > 1 and room > 0:
        return f"{lines[0][:room]}…\n{closing}"
    return text[: limit - 1] + "…"


def _closing(count: int) -> str:
    return f"… and {count} more line{'' if count == 1 else 's'}"
