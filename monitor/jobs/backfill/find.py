"""Which way a site's past can be had: the routes are tried in their order, each by a request or a few."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from monitor.backfill import paged, wayback, wordpress
from monitor.backfill.route import Ask, Reads
from monitor.backfill.routes import SITE_WIDE
from monitor.domain.backfill import RouteName, Site, Span
from monitor.domain.feed import Feed
from monitor.errors import FetchError, ParseError
from monitor.fetch.client import Fetched
from monitor.fetch.robots import origin
from monitor.jobs.backfill.line import Line
from monitor.jobs.backfill.read import Reader
from monitor.jobs.backfill.take import page_of
from monitor.normalise.entry import CleanDocument
from monitor.observe import mask
from monitor.parse.document import Kind

ORDER = (
    RouteName.RFC5005, RouteName.WORDPRESS, RouteName.PAGED, RouteName.SITEMAP, RouteName.WAYBACK,
    RouteName.WAYBACK_PAGES,
)  # fmt: skip
_WELL_KNOWN = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml", "/news-sitemap.xml")
_MOST_KINDS = 8  # kinds of posts that are asked how many they are


@dataclass(frozen=True, slots=True)
class Found:
    """A way that a site has, what was found out of the site for it, and how many entries it declares."""

    route: RouteName
    site: Site
    declared: int | None = None


@dataclass(slots=True)
class Looking:
    """One feed's search. ``notes`` say of each route that it has not why; ``requests`` is what that cost."""

    line: Line
    reader: Reader
    feed: Feed
    span: Span
    requests: int = 0
    notes: list[str] = field(default_factory=list)
    first: CleanDocument | None = None
    api: str = ""

    async def find(self, wanted: RouteName | None, taken: Collection[RouteName] = ()) -> Found | None:
        """Try the routes, or the one that is wanted; ``taken`` are those that bring all of the source already.

        Raises Shut where a server wants patience.
        """
        await self._look_at_feed()
        for route in ORDER if wanted is None else (wanted,):
            if wanted is None and route in taken and route in SITE_WIDE:
                self.notes.append(f"{route}: another feed of the source takes it")
                continue
            try:
                found = await self._try(route, named=wanted is not None)
            except (FetchError, ParseError) as error:
                self.notes.append(f"{route}: {error}")
                continue
            if isinstance(found, Found):
                return found
            self.notes.append(f"{route}: {found}")
        return None

    async def _try(self, route: RouteName, *, named: bool) -> Found | str:
        """A way that the site has, or why it has it not."""
        match route:
            case RouteName.RFC5005:
                return self._by_links(named=named)
            case RouteName.WORDPRESS:
                return await self._by_rest(named=named)
            case RouteName.PAGED:
                return await self._by_pages(named=named)
            case RouteName.SITEMAP:
                return await self._by_sitemap()
            case _:
                return await self._by_captures(route)

    async def _look_at_feed(self) -> None:
        """Ask for the feed itself: what it says of older pages, and of the program that made it."""
        if self.feed.kind != Kind.FEED:
            self.notes.append(f"its feed is a {self.feed.kind}")
            return
        try:
            fetched = await self._get(Ask(self.feed.url, Reads.FEED))
            self.api = fetched.api
            self.first = await self.reader.document(self.feed, fetched, Kind.FEED)
        except (FetchError, ParseError) as error:
            self.notes.append(f"the feed itself: {error}")

    async def _get(self, ask: Ask) -> Fetched:
        self.requests += 1
        return await self.line.get(self.feed, ask)

    def _by_links(self, *, named: bool) -> Found | str:
        first = self.first
        if first is None:
            return "there is no feed to begin with"
        if first.whole:
            return Found(RouteName.RFC5005, Site(), len(first.entries))
        if not first.older:
            return "the feed leads to no older page"
        if _is_paged(first.older) and not named:
            return "it leads on by WordPress's page numbers"
        return Found(RouteName.RFC5005, Site())

    async def _by_rest(self, *, named: bool) -> Found | str:
        first = self.first
        wordpress_ = bool(self.api) or (first is not None and _is_paged(first.older))
        if not wordpress_ and not named:
            return "nothing says that the site is WordPress"
        api, kinds = await self._interface()
        if not named and not wordpress.is_main(self.feed.url, api):
            return "its feed is of a part of the site, which the interface does not tell from the rest"
        declared, have = 0, list[str]()
        for kind in kinds:
            try:
                total = await self._total(api, kind)
            except (FetchError, ParseError) as error:
                if kind == kinds[0]:
                    raise
                self.notes.append(f"{RouteName.WORDPRESS}: {kind}: {error}")
                continue
            declared += total or 0
            have += [kind] if total != 0 or kind == kinds[0] else []
        return Found(RouteName.WORDPRESS, Site(api=api, kinds=tuple(have)), declared)

    async def _interface(self) -> tuple[str, Sequence[str]]:
        """Where the interface is, and what kinds of posts the site has; one that does not say has posts."""
        roots = [self.api] if self.api else wordpress.roots(self.feed.url)
        for api in roots:
            ask = Ask(f"{api}wp/v2/types", Reads.POSTS, robots=True)
            try:
                listing = await self.reader.listing(await self._get(ask), Reads.POSTS)
            except (FetchError, ParseError) as error:
                self.notes.append(f"{RouteName.WORDPRESS}: kinds of posts: {error}")
                continue
            return api, listing.names[:_MOST_KINDS] or ("posts",)
        return roots[-1], ("posts",)

    async def _total(self, api: str, kind: str) -> int | None:
        since, until = self.span.since - wordpress.PADDING, self.span.until + wordpress.PADDING
        url = wordpress.address(api, kind, wordpress.local(since), wordpress.local(until), 1, per_page=1)
        fetched = await self._get(Ask(url, Reads.POSTS, robots=True))
        await self.reader.document(self.feed, fetched, Kind.POSTS)
        return fetched.total

    async def _by_pages(self, *, named: bool) -> Found | str:
        first = self.first
        if first is None:
            return "there is no feed to begin with"
        if _is_paged(first.older):
            return Found(RouteName.PAGED, Site())
        if not named:
            return "nothing says that the site is WordPress"
        fetched = await self._get(Ask(paged.numbered(self.feed.url, 2), Reads.FEED))
        second = await self.reader.document(self.feed, fetched, Kind.FEED)
        if page_of(second, self.span).identity == page_of(first, self.span).identity:
            return "the site gives the same page for ?paged=2"
        return Found(RouteName.PAGED, Site())

    async def _by_sitemap(self) -> Found | str:
        rules = await self.line.rules(self.feed, self.feed.url)
        self.requests += 1
        named = [url for url in rules.sitemaps if url.startswith(("http://", "https://"))]
        maps = [*named, *(urljoin(origin(self.feed.url), path) for path in _WELL_KNOWN)]
        why = "there is none where sites have them"
        for url in dict.fromkeys(maps):
            try:
                fetched = await self._get(Ask(url, Reads.SITEMAP, robots=True))
                listing = await self.reader.listing(fetched, Reads.SITEMAP)
            except (FetchError, ParseError) as error:
                why = f"{urlsplit(url).path}: {error}"
                continue
            if listing.items or listing.listings:
                return Found(RouteName.SITEMAP, Site(maps=tuple(named) if url in named else (url,)))
        return why

    async def _by_captures(self, route: RouteName) -> Found | str:
        if mask(self.feed.url) != self.feed.url or "@" in urlsplit(self.feed.url).netloc:
            return "the feed's address holds a secret, which nobody else is told"
        pages = route is RouteName.WAYBACK_PAGES
        site = Site(api=self.line.app.settings.options.backfill.wayback)
        cursor = wayback.begin(pages, site, self.span, self.feed.url)
        ask = wayback.ask(pages, site, self.span, cursor, None)
        if ask is None:
            return "nothing to ask"
        listing = await self.reader.listing(await self._get(ask), Reads.CAPTURES)
        if not wayback.wanted(pages, listing):
            return "the Wayback Machine has nothing of that time"
        return Found(route, site)


def _is_paged(url: str) -> bool:
    return "paged=" in urlsplit(url).query
