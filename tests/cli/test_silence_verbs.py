"""`monitor silence`."""

import json


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
