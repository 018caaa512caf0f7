"""A reader's way out, on each kind of database: the mail's own header, a real request, and the next mails."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.jobs import deliver, digest, subscriptions
from monitor.store import departures
from tests.jobs.conftest import DAY, Post, news
from tests.web.conftest import House, opened


@pytest.fixture
def house(tmp_path: Path, store_url: str, post: Post) -> Iterator[House]:
    with opened(House(tmp_path, database=store_url, smtp=post.port)) as made:
        yield made


class Reading:
    """Digests of both subscriptions, and who got which."""

    def __init__(self, house: House, post: Post) -> None:
        self.house, self.post, self.number = house, post, 0

    def day(self) -> list[tuple[str, str]]:
        """One story, a digest of each subscription, and to whom it came: reader and list."""
        office, app = self.house.office, self.house.app
        self.number += 1
        office.bring(app, news(self.number, returns=0.9))
        self.post.mails.clear()
        digest.send(app, ["morning", "matin"], now=office.clock)
        deliver.run(app, now=office.clock)
        return sorted((mail["To"].partition("@")[0], self.list_of(mail)) for mail in self.post.mails)

    @staticmethod
    def list_of(mail: object) -> str:
        found = re.search(r"<(\w+)\.digests\.", mail["List-Id"])  # type: ignore[index]
        assert found is not None
        return found[1]

    def link(self, who: str, subscription: str) -> str:
        """The link of the last mail that a reader got of a subscription."""
        (mail,) = (
            one for one in self.post.mails if one["To"].startswith(f"{who}@") and self.list_of(one) == subscription
        )
        found = re.fullmatch(r"<https://team\.example(/news/unsubscribe/[\w-]{43})>", mail["List-Unsubscribe"])
        assert found is not None
        return found[1]


ALL = [("ana", "matin"), ("ana", "morning"), ("bo", "matin"), ("bo", "morning")]


def test_a_click_on_the_link_of_a_mail_ends_that_digest_for_that_reader_and_no_other(house: House, post: Post) -> None:
    reading = Reading(house, post)
    assert reading.day() == ALL
    answer = house.ask("POST", reading.link("ana", "morning"), "List-Unsubscribe=One-Click")
    assert answer.status == 200
    left = [one for one in ALL if one != ("ana", "morning")]
    house.office.now += DAY
    assert reading.day() == left
    house.office.now += DAY
    house.app.close()
    house.app = house.office.app()
    assert reading.day() == left, "a restart changes nothing"
    subscriptions.rejoin(house.app, "morning", "ana")
    house.office.now += DAY
    assert reading.day() == ALL


def test_many_who_leave_at_once_all_leave(house: House, post: Post) -> None:
    reading = Reading(house, post)
    reading.day()
    links = [reading.link(who, subscription) for who, subscription in ALL]
    statuses: list[int] = []

    def click(link: str) -> None:
        statuses.append(house.ask("POST", link, "List-Unsubscribe=One-Click").status)

    threads = [threading.Thread(target=click, args=(link,)) for link in links * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert statuses == [200] * 20
    assert len(departures.departures(house.app.store)) == 4
    house.office.now += DAY
    assert reading.day() == []
