"""`monitor silence`."""

import json

import pytest


def test_a_silence_is_added_listed_and_ended_and_each_says_what_it_changed(call, served):
    at = ("--config", served.config)
    made = call("silence", "add", "--country", "FR", "--for", "4h", "--note", "trial week", *at)
    assert (made.code, made.out.startswith("silence 1: FR until ")) == (0, True)
    assert "1 row written" in made.out
    listed = call("silence", "list", *at)
    assert "1: FR until" in listed.out
    assert "trial week" in listed.out
    assert json.loads(call("silence", "list", "--json", *at).out)[0]["country"] == "FR"
    assert call("silence", "end", "1", *at).out == "silence 1: ended, 1 row changed\n"
    again = call("silence", "end", "1", *at)
    assert (again.code, "nothing was changed" in again.err) == (2, True)
    assert call("silence", "list", *at).out == "no silence holds\n"


def test_a_silence_without_a_duration_or_of_nothing_is_refused(call, served):
    at = ("--config", served.config)
    assert "such as" in call("silence", "add", "--country", "FR", "--for", "long", *at).err
    assert "give --country" in call("silence", "add", "--for", "4h", *at).err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--country", "ZZ", "--for", "4h"), '--country: "ZZ" is the ISO 3166 code of no country'),
        (("--country", "fr", "--for", "4h"), 'such as "FR"'),
        (("--measure", "citizenship:adopted", "--for", "4h"), "amnesty, without its stage"),
        (("--measure", "nope", "--for", "4h"), "--measure nope: give one of citizenship, "),
        (("--country", "FR", "--for", "367d"), "a silence lasts 366d at the most"),
        (("--country", "FR", "--for", "99999999d"), "a silence lasts 366d at the most"),
        (("--country", "FR", "--for", "0h"), "give how long"),
    ],
)
def test_what_a_silence_cannot_be_of_or_last_is_refused(call, served, asked, said):
    refused = call("silence", "add", *asked, "--config", served.config)
    assert (refused.code, refused.out) == (2, "")
    assert said in " ".join(refused.err.split())
    assert call("silence", "list", "--config", served.config).out == "no silence holds\n"
    assert call("silence", "add", "--country", "XK", "--for", "1h", "--config", served.config).code == 0
