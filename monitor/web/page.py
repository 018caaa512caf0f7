"""The pages behind a link to unsubscribe: small, in one piece, without scripts, and in a language. Pure."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from monitor.tongue.catalogue import CODES
from monitor.tongue.tongue import Tongue, of


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: ``sentence`` alone to a program, all else as HTML to a person."""

    tongue: Tongue
    sentence: str
    head: str
    said: str
    title: str = ""
    beside: str = ""
    asks: bool = False

    def html(self) -> str:
        """The page as HTML."""
        return _template().render(
            tongue=self.tongue, say=self.tongue.say, head=self.head, title=self.title, said=self.said,
            beside=self.beside, asks=self.asks, style=Markup(_style()),  # noqa: S704 - our own file
        )  # fmt: skip


def asking(title: str, language: str) -> Page:
    """Ask whether somebody wants to leave a subscription."""
    tongue = of(language)
    head, said, others = tongue.say("leave.head"), tongue.say("leave.ask"), tongue.say("leave.others")
    return Page(tongue, said, head, said, title, others, asks=True)


def done(title: str, language: str) -> Page:
    """Say that somebody has left a subscription."""
    tongue = of(language)
    sentence = tongue.say("leave.done", title=tongue.apart(title))
    return Page(tongue, sentence, tongue.say("leave.head"), tongue.say("leave.off"), title, tongue.say("leave.back"))


def lost(language: str) -> Page:
    """Say that a link leads nowhere, and nothing of what there is."""
    tongue = of(language)
    head, said = tongue.say("leave.lost"), tongue.say("leave.lost_more")
    return Page(tongue, f"{head}. {said}", head, said)


def later(language: str) -> Page:
    """Say that something of ours does not work, and nothing was changed."""
    tongue = of(language)
    head, said = tongue.say("leave.later"), tongue.say("leave.later_more")
    return Page(tongue, f"{head}. {said}", head, said)


def spoken_by(accept_language: str) -> str:
    """The language that a reader likes best, of those that we have; "" where there is none among them."""
    wishes = []
    for place, wish in enumerate(accept_language[:500].split(",")):
        name, _, weight = wish.strip().partition(";q=")
        code = name.partition("-")[0].lower()
        if code in CODES:
            wishes.append((-_weight(weight), place, code))
    return min(wishes)[2] if wishes else ""


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0


def policy() -> str:
    """The Content-Security-Policy of every page: its own style, its own form, and nothing else."""
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@cache
def _style() -> str:
    return (files("monitor.web") / "page.css").read_text("utf-8")


@cache
def _template() -> Template:
    loader = FunctionLoader(lambda name: (files("monitor.web") / name).read_text("utf-8"))
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.get_template("page.html.j2")
