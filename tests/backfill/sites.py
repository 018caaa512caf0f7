"""Sites on loopback that have a past: WordPress, feeds in pages, sitemaps, the Wayback Machine."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from monitor.demo.answer import Answer
from monitor.demo.server import FeedServer

NOT_FOUND = Answer(b"not found\n", "text/plain", 404, etag=False)


@dataclass(frozen=True)
class Post:
    """One post; ``at`` is when it was published."""

    number: int
    at: datetime
    title: str = ""
    text: str = "The council met on Friday and put the matter off until the spring, when the survey will be ready."
    kind: str = "posts"

    @property
    def headline(self) -> str:
        return self.title or f"Harbour notes, part {self.number}"


def posts(count: int, *, first: datetime, apart: timedelta, begin: int = 1, **fields: object) -> list[Post]:
    return [Post(begin + n, first + n * apart, **fields) for n in range(count)]  # type: ignore[arg-type]


def rss(url: str, shown: list[Post], *, head: str = "") -> bytes:
    """A feed with these posts; ``url`` is the site's root."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{url}/?p={post.number}</guid><link>{url}/{post.number}/</link>"
        f"<title>{escape(post.headline)}</title><pubDate>{format_datetime(post.at)}</pubDate>"
        f"<description>{escape(post.text)}</description></item>"
        for post in shown
    )
    return (
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
        f'xmlns:fh="http://purl.org/syndication/history/1.0"><channel><title>Paper</title>{head}{items}</channel></rss>'
    ).encode()


class Site(FeedServer):
    """A server whose answers are made for each request; ``asked`` are the targets in order."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda target: None

    @property
    def root(self) -> str:
        return self.url("")

    def next_answer(self, target: str) -> Answer:
        self.before(target)
        self.asked.append(target)
        parts = urlsplit(target)
        return self.answer(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)))

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        raise NotImplementedError


@dataclass
class Blog:
    """How a WordPress site behaves. ``at`` is the path that it stands at, ``says`` whether it says where its interface
    is. ``zone`` is how far its own time is from UTC; ``rest`` the status of its interface; ``repeats`` says that its
    theme gives page 1 for pages behind the last; ``digits`` writes times in other digits."""

    posts: list[Post] = field(default_factory=list)
    zone: timedelta = timedelta()
    rest: int = 200
    kinds: tuple[str, ...] = ("posts",)
    shut_kinds: tuple[str, ...] = ()
    repeats: bool = False
    per_feed: int = 10
    generator: bool = True
    digits: str = "0123456789"
    totals: bool = True
    at: str = ""
    says: bool = False


class WordPress(Site):
    """WordPress as far as backfills ask it."""

    def __init__(self, blog: Blog) -> None:
        super().__init__()
        self.blog = blog

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        if not path.startswith(f"{self.blog.at}/"):
            return NOT_FOUND
        path = path.removeprefix(self.blog.at)
        if path in {"/feed/", "/category/piers/feed/"}:
            return self._feed(int(query.get("paged", "1")))
        if path.startswith("/wp-json/"):
            if self.blog.rest != 200:
                return Answer(b'{"code":"rest_forbidden"}', "application/json", self.blog.rest, etag=False)
            return self._types() if path == "/wp-json/wp/v2/types" else self._posts(path.rpartition("/")[2], query)
        return NOT_FOUND

    def _feed(self, page: int) -> Answer:
        shown = sorted((p for p in self.blog.posts if p.kind == "posts"), key=lambda post: post.at, reverse=True)
        size = self.blog.per_feed
        part = shown[(page - 1) * size : page * size]
        if not part and not self.blog.repeats:
            return NOT_FOUND
        head = "<generator>https://wordpress.org/?v=6.8</generator>" if self.blog.generator else ""
        said = f'<{self.root}{self.blog.at}/wp-json/>; rel="https://api.w.org/"'
        return Answer(
            rss(self.root, part or shown[:size], head=head),
            headers={"Link": said} if self.blog.says else {},
            etag=False,
        )

    def _types(self) -> Answer:
        found = {"page": {"rest_base": "pages"}, "wp_block": {"rest_base": "blocks"}}
        found |= {kind.removesuffix("s"): {"rest_base": kind} for kind in (*self.blog.kinds, *self.blog.shut_kinds)}
        return Answer(json.dumps(found).encode(), "application/json", etag=False)

    def _posts(self, kind: str, query: Mapping[str, str]) -> Answer:
        if kind not in self.blog.kinds:
            return Answer(b'{"code":"rest_no_route"}', "application/json", 404, etag=False)
        after, before = (datetime.fromisoformat(query[name]) for name in ("after", "before"))
        size, page = int(query["per_page"]), int(query["page"])
        found = sorted((p for p in self.blog.posts if p.kind == kind), key=lambda post: (post.at, post.number))
        found = [post for post in found if after < self._local(post) < before]
        pages = -(-len(found) // size)
        if page > max(1, pages):
            return Answer(b'{"code":"rest_post_invalid_page_number"}', "application/json", 400, etag=False)
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)} if self.blog.totals else {}
        body = json.dumps([self._post(post) for post in found[(page - 1) * size : page * size]]).encode()
        return Answer(body, "application/json", 200, headers, etag=False)

    def _local(self, post: Post) -> datetime:
        return post.at.replace(tzinfo=None) + self.blog.zone

    def _post(self, post: Post) -> dict[str, object]:
        def written(moment: datetime) -> str:
            return moment.isoformat().translate(str.maketrans("0123456789", self.blog.digits))

        return {
            "id": post.number,
            "date": written(self._local(post)),
            "date_gmt": written(post.at.replace(tzinfo=None)),
            "modified_gmt": written(post.at.replace(tzinfo=None)),
            "guid": {"rendered": f"{self.root}/?p={post.number}"},
            "link": f"{self.root}/{post.number}/",
            "title": {"rendered": escape(post.headline)},
            "content": {"rendered": f"<p>{escape(post.text)}</p>", "protected": False},
            "excerpt": {"rendered": f"<p>{escape(post.text[:40])}</p>"},
        }


class Chain(Site):
    """A feed whose pages lead to one another, at /feed/1, /feed/2 … (RFC 5005), the newest first.

    ``leads`` changes where a page leads; ``whole`` says that the feed holds all there is.
    """

    def __init__(self, shown: list[Post], *, size: int = 10, rel: str = "prev-archive", whole: bool = False) -> None:
        super().__init__()
        self.posts, self.size, self.rel, self.whole = shown, size, rel, whole
        self.leads: dict[int, str] = {}
        self.gone: set[int] = set()

    def answer(self, path: str, _: Mapping[str, str]) -> Answer:
        number = int(path.rpartition("/")[2]) if path.startswith("/feed/") else 0
        shown = sorted(self.posts, key=lambda post: post.at, reverse=True)
        part = shown[(number - 1) * self.size : number * self.size]
        if not part or number in self.gone:
            return NOT_FOUND
        further = f"/feed/{number + 1}" if number * self.size < len(shown) else ""
        href = self.leads.get(number, further)
        head = f'<atom:link rel="{self.rel}" href="{href}"/>' if href else ""
        return Answer(rss(self.root, part, head=head + ("<fh:complete/>" if self.whole else "")), etag=False)


def json_feed(url: str, shown: list[Post], next_url: str = "") -> bytes:
    items = [
        {"id": f"{url}/?p={p.number}", "url": f"{url}/{p.number}/", "title": p.headline, "content_text": p.text,
         "date_published": p.at.isoformat()}
        for p in shown
    ]  # fmt: skip
    head = {"version": "https://jsonfeed.org/version/1.1", "title": "Paper", "items": items}
    return json.dumps(head | ({"next_url": next_url} if next_url else {})).encode()


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moved(post: Post, **fields: object) -> Post:
    return replace(post, **fields)  # type: ignore[arg-type]


def article(title: str, text: str, *, date: str = "") -> bytes:
    """A page with an article, whose date is declared where one is given."""
    declared = f'<meta property="article:published_time" content="{date}">' if date else ""
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n"))
    return (
        f'<!doctype html><html lang="en"><head><title>{escape(title)}</title>{declared}'
        f'<meta property="og:title" content="{escape(title)}"></head><body><nav><a href="/">Home</a></nav>'
        f"<main><article><h1>{escape(title)}</h1>{paragraphs}</article></main></body></html>"
    ).encode()


LONG = "\n".join(
    f"{opening} The harbour board heard the third report on the quay wall, which names {n} repairs that cannot wait "
    "until the summer, and put the money for two of them into the budget of the coming year."
    for n, opening in enumerate(("On Monday.", "On Tuesday.", "On the day after."), 1)
)


class Mapped(Site):
    """A site with sitemaps and pages. ``maps`` and ``pages`` are bodies by path; ``robots`` its robots.txt; ``feed`` a
    feed that leads nowhere."""

    def __init__(self, *, robots: str = "") -> None:
        super().__init__()
        self.robots = robots
        self.maps: dict[str, bytes] = {}
        self.pages: dict[str, bytes] = {}
        self.feed: list[Post] = []

    def answer(self, path: str, _: Mapping[str, str]) -> Answer:
        if path == "/robots.txt" and self.robots:
            return Answer(self.robots.replace("{root}", self.root).encode(), "text/plain", etag=False)
        if path == "/feed.xml":
            return Answer(rss(self.root, self.feed), etag=False)
        if path in self.maps:
            body = self.maps[path].replace(b"{root}", self.root.encode())
            return Answer(body, "application/xml", etag=False)
        return Answer(self.pages[path], "text/html", etag=False) if path in self.pages else NOT_FOUND


def urlset(*rows: tuple[str, str], kind: str = "urlset") -> bytes:
    """A sitemap, or an index of them, of paths with the days of their last change."""
    inner = "url" if kind == "urlset" else "sitemap"
    body = "".join(
        f"<{inner}><loc>{{root}}{path}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</{inner}>"
        for path, changed in rows
    )
    return f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</{kind}>'.encode()


@dataclass
class Capture:
    """One capture: when, of what, and what it holds."""

    stamp: str
    url: str
    body: bytes
    status: int = 200


class Wayback(Site):
    """The Wayback Machine's index and captures; it says 429 to the requests whose numbers are in ``busy``."""

    def __init__(self, *, per_part: int = 3) -> None:
        super().__init__()
        self.captures: list[Capture] = []
        self.busy: set[int] = set()
        self.per_part = per_part

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        if len(self.asked) in self.busy:
            return Answer(b"slow down", "text/plain", 429, etag=False)
        if path == "/cdx/search/cdx":
            return self._index(query)
        stamp, _, url = path.removeprefix("/web/").partition("id_/")
        found = [one for one in self.captures if (one.stamp, urlsplit(one.url).path) == (stamp, urlsplit(url).path)]
        if not found:
            return NOT_FOUND
        kind = "text/html" if found[0].body.startswith(b"<!doctype") else "application/rss+xml"
        return Answer(found[0].body, kind, found[0].status, etag=False)

    def _index(self, query: Mapping[str, str]) -> Answer:
        wanted = query["url"].partition("://")[2] or query["url"]
        rows = [
            [one.stamp, one.url, "text/xml"]
            for one in sorted(self.captures, key=lambda one: (one.url, one.stamp))
            if query["from"] <= one.stamp[:8] <= query["to"]
            and (one.url.partition("://")[2].startswith(wanted) if "matchType" in query else one.url.endswith(wanted))
        ]
        begin = int(query.get("resumeKey", "0"))
        part = rows[begin : begin + self.per_part]
        more = [[], [str(begin + self.per_part)]] if begin + self.per_part < len(rows) else []
        body = [["timestamp", "original", "mimetype"], *part, *more] if part else []
        return Answer(json.dumps(body).encode(), "application/json", etag=False)
