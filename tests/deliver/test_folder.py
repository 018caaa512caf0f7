import dataclasses
import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.deliver.channel import send
from monitor.deliver.folder import folder_error, slug
from monitor.errors import DeliveryError, Fault


def test_a_digest_becomes_a_page_and_a_text_in_the_folder(tmp_path, message, one):
    target = tmp_path / "two words" / "digests"

    receipt = send(one(f"folder://{tmp_path}/two%20words/digests"), message)

    name = "morning-2026-11-22T07-30+01-00"
    assert sorted(path.name for path in target.iterdir()) == [f"{name}.html", f"{name}.txt"]
    assert (target / f"{name}.html").read_text(encoding="utf-8") == message.html
    assert (target / f"{name}.txt").read_text(encoding="utf-8") == message.text
    assert receipt.said == f"wrote {target / name}.html"


def test_the_same_key_again_leaves_the_same_two_files(tmp_path, message, one):
    recipient = one(f"folder://{tmp_path}")
    send(recipient, message)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    send(recipient, message)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_in_the_way_is_ours_to_move_and_named(tmp_path, message, one):
    (tmp_path / "digests").write_text("a file")

    with pytest.raises(DeliveryError, match="digests: File exists; correct the folder") as caught:
        send(one(f"folder://{tmp_path}/digests"), message)

    assert (caught.value.permanent, caught.value.fault) == (False, Fault.OURS)


def test_a_page_that_cannot_be_replaced_leaves_no_part_behind(tmp_path, message, one):
    (tmp_path / f"{slug(message.key)}.html").mkdir()

    with pytest.raises(DeliveryError):
        send(one(f"folder://{tmp_path}"), message)

    assert [path.name for path in tmp_path.iterdir()] == [f"{slug(message.key)}.html"]


@pytest.mark.parametrize(
    ("number", "fault"), [(errno.ENOSPC, Fault.OTHER), (errno.EACCES, Fault.OURS), (errno.EROFS, Fault.OURS)]
)
def test_a_full_disk_passes_and_a_missing_permission_is_ours_to_give(tmp_path, number, fault):
    error = folder_error(tmp_path, OSError(number, "the reason"))

    assert (error.permanent, error.fault) == (False, fault)
    assert "the reason" in error.detail


def test_a_relative_folder_is_refused_here(one):
    with pytest.raises(ValueError, match="absolute"):
        one("folder://var/digests")


def test_markup_of_the_page_is_written_as_it_came(tmp_path, message, one):
    hostile = dataclasses.replace(message, key="../../etc/passwd", html="<p>&lt;/a&gt;</p>")

    send(one(f"folder://{tmp_path}"), hostile)

    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".html", ".txt"]


@given(st.text(max_size=300))
def test_a_slug_is_a_plain_file_name(key):
    name = slug(key)

    assert name
    assert not name.startswith((".", "-"))
    assert len(name) <= 140
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")


def test_keys_that_lose_letters_stay_apart():
    assert len({slug("утро"), slug("вечер"), slug(""), slug("..")}) == 4
