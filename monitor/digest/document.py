"""The JSON form: everything that a digest says, by keys that stay, in its language. docs/guide.md describes them.

Keys are added and never change their meaning; `FORMAT` would say otherwise. Texts are clean and short as in all forms,
links are http or https or null, times ISO 8601 in UTC.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from monitor.digest.corrections import Mend, mend_of_story
from monitor.digest.fact_words import count as figure_words
from monitor.digest.fact_words import step
from monitor.digest.groups import NOWHERE, SEVERAL, country_of, grouped
from monitor.digest.story_view import TITLE, StoryView, story_view
from monitor.digest.view import DigestView
from monitor.digest.words import NAME, sentence, shown
from monitor.domain.digest import Coverage, Digest, Silence, Story
from monitor.domain.facts import Figure, MeasureFact
from monitor.tongue.tongue import Tongue

FORMAT = "returns-monitor.digest/1"


def document(digest: Digest, view: DigestView) -> dict[str, Any]:
    """Lay a digest out as what JSON knows."""
    seen, tongue = digest.coverage, view.tongue
    stories = [story for section in digest.sections for story in section.stories]
    return {
        "format": FORMAT,
        "key": digest.key,
        "subscription": digest.subscription.name,
        "title": view.title,
        "subject": view.subject,
        "summary": view.summary,
        "made_at": _time(digest.made_at),
        "window": {"since": _time(seen.since), "until": _time(seen.until), "zone": view.zone},
        "late_seconds": int(digest.late.total_seconds()) if digest.late else None,
        "counts": {
            "stories": digest.stories,
            "updates": sum(story.news is not None for story in stories),
            "beyond_cap": digest.beyond_cap,
            "near": len(digest.near),
            "alerted": len(digest.alerted),
            "folded": sum(digest.folded.values()),
        },
        "folded": _folded(digest, view),
        "sections": [
            {
                "label": shown(section.label, NAME),
                "title": shown(tongue.heading(section.label, section.title), NAME),
                "stories": [_story(story, digest, tongue) for _, group in grouped(section.stories) for story in group],
            }
            for section in digest.sections
            if section.stories
        ],
        "alerted": [_story(story, digest, tongue) for story in digest.alerted],
        "near": [_story(story, digest, tongue) for story in digest.near],
        "blocks": [
            {
                "title": block.title,
                "rows": [
                    {"day": row.day, "facts": [str(fact) for fact in row.facts], "title": row.title, "url": row.url}
                    for row in block.rows
                ],
            }
            for block in view.blocks
        ],
        "coverage": _coverage(seen, digest),
        "command": view.again,
        # Forms that were frozen before there were languages, and all in English, do not say so.
        **({"language": view.tongue.code} if view.tongue.code != "en" else {}),
    }


def _folded(digest: Digest, view: DigestView) -> dict[str, Any] | None:
    """What could not be delivered before and stands here."""
    if not digest.folded:
        return None
    return {
        "said": view.folded,
        "of": [
            {"key": one.key, "at": _time(one.at), "alert": one.alert, "stories": number}
            for one, number in digest.folded.items()
        ],
    }


def _story(story: Story, digest: Digest, tongue: Tongue) -> dict[str, Any]:
    said = story_view(story, digest, tongue)
    lead, entries = story.lead, (story.lead, *story.others)
    code, mend = country_of(story), mend_of_story(story)
    return {
        "id": story.id,
        "entry": lead.id,
        "title": said.title,
        "url": said.url,
        "lang": said.lang,
        "source": shown(story.sources[0], NAME),
        "feed": shown(lead.feed, NAME),
        "sources": [shown(source, NAME) for source in story.sources],
        "published": _time(lead.entry.published),
        "first_seen": _time(lead.first_seen),
        "country": None if code in {SEVERAL, NOWHERE} else code,
        "countries": [shown(country, NAME) for country in lead.countries],
        "excerpt": said.excerpt,
        "measures": [_measure(fact, tongue) for fact in dict.fromkeys(m for e in entries for m in e.facts.measures)],
        "figures": [_figure(figure, tongue) for figure in dict.fromkeys(f for e in entries for f in e.facts.figures)],
        "decisions": [
            {
                "label": decision.label,
                "score": round(decision.probability, 6),
                "line": decision.threshold,
                "by_hand": decision.human is True,
            }
            for decision in story.decisions
        ],
        "why": [{"text": reason.text, "concept": reason.concept} for reason in said.reasons],
        "update": _update(story, said),
        "mend": mend.value if mend else None,
        "mark": _mark(story, mend, tongue),
        "rolled_over": story.rolled_over,
        "undelivered": story.undelivered.key if story.undelivered else None,
        "carried": said.carried,
    }


def _mark(story: Story, mend: Mend | None, tongue: Tongue) -> str:
    """What short forms set before the title of a story that comes again."""
    if story.news is None:
        return ""
    mended = "withdrawn" if mend is Mend.WITHDRAWAL else "corrected"
    return tongue.say(f"story.{mended if story.news.only_corrected else 'update'}")


def _update(story: Story, said: StoryView) -> dict[str, Any] | None:
    if story.news is None or said.update is None:
        return None
    return {
        "told_at": _time(story.news.told_at),
        # Where only more sources tell it, that is what is new.
        "facts": list(said.update.facts) or [str(said.update.sources)],
        "sources": [shown(source, NAME) for source in story.news.sources],
        "titles": [
            {
                "entry": one.entry_id,
                "source": shown(one.source, NAME),
                "before": shown(one.before, TITLE) or None,
                "now": shown(one.now, TITLE),
            }
            for one in story.news.corrections
        ],
    }


def _measure(fact: MeasureFact, tongue: Tongue) -> dict[str, Any]:
    return {
        "measure": fact.measure.value,
        "country": fact.country,
        "stage": fact.stage.value,
        "negated": fact.negated,
        "said": sentence(step(fact, tongue), NAME),
    }


def _figure(figure: Figure, tongue: Tongue) -> dict[str, Any]:
    return {
        "low": figure.low,
        "high": figure.high,
        "approximate": figure.approximate,
        "of": figure.of.value,
        "origin": list(figure.origin),
        "to": figure.to,
        "as_of": shown(figure.as_of, NAME),
        "by": shown(figure.by, NAME),
        "said": sentence(figure_words(figure, tongue), NAME),
    }


def _coverage(seen: Coverage, digest: Digest) -> dict[str, Any]:
    return {
        "feeds": {"enabled": seen.feeds, "due": seen.due, "polled": seen.polled},
        "failed": [
            {"feed": shown(f.feed, NAME), "kind": shown(f.kind, NAME), "since": _time(f.since)} for f in seen.failed
        ],
        "silent": [_silence(silence) for silence in seen.silent],
        "gaps": [shown(feed, NAME) for feed in seen.gaps],
        "longest_silence": _silence(seen.longest) if seen.longest else None,
        "entries": {
            "seen": seen.seen,
            "new": seen.new,
            "without_score": seen.unclassified,
            "over_line": seen.over_line,
        },
        "models": [shown(scorer, NAME) for scorer in seen.scorers],
        "lines": {label: _lines(label, digest) for label in digest.subscription.lines},
    }


def _lines(label: str, digest: Digest) -> dict[str, Any]:
    lines = digest.subscription.lines[label]
    return {
        "default": lines.default.threshold,
        "languages": {lang: cut.threshold for lang, cut in lines.languages.items()},
        "tiers": {tier: cut.threshold for tier, cut in lines.tiers.items()},
    }


def _silence(silence: Silence) -> Mapping[str, str | None]:
    return {"feed": shown(silence.feed, NAME), "last_new": _time(silence.last_new)}


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
