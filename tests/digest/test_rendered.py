"""What one run renders: each content once, and no subscription gets another's name."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.digest import render as module
from monitor.digest.render import Rendered, render


def named(digest, name, **fields):
    return replace(digest, subscription=replace(digest.subscription, name=name, channels=(name,), **fields))


@given(names=st.lists(st.sampled_from(["morning", "evening", "desk & co", "a/b"]), min_size=1, max_size=6))
def test_what_is_shared_is_what_each_would_have_had_alone(sample, updated, one_story, names):
    rendered = Rendered()
    for name in names:
        for digest in (sample, updated, one_story()):
            assert rendered.render(named(digest, name)) == render(named(digest, name))


def test_a_selection_that_many_have_is_laid_out_once(sample, monkeypatch):
    laid: list[str] = []
    whole = module.page
    monkeypatch.setattr(module, "page", lambda view: laid.append(view.title) or whole(view))
    rendered = Rendered()
    made = [rendered.render(named(sample, f"desk{n}")) for n in range(5)]
    rendered.render(named(sample, "other", title="Another heading"))
    rendered.render(replace(sample, beyond_cap=9))
    assert laid == ["Returns Monitor", "Another heading", "Returns Monitor"]
    assert len({message.key for message in made}) == 5


def test_a_page_that_was_cut_is_shared_as_others_are(long_digest):
    long = long_digest(300, text="Ein Satz, länger als üblich. " * 20)
    rendered = Rendered()
    morning, evening = (rendered.render(named(long, name)) for name in ("morning", "evening"))
    assert morning.rest
    assert (morning.html, morning.rest) == (evening.html, evening.rest)
    assert evening == render(named(long, "evening"))
