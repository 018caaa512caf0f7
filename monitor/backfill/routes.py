"""The routes by their names."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from monitor.backfill import older, paged, sitemap, wayback, wordpress
from monitor.backfill.route import Route
from monitor.domain.backfill import RouteName

ROUTES: Mapping[RouteName, Route] = MappingProxyType(
    {
        RouteName.RFC5005: Route(older.begin, older.ask, older.after),
        RouteName.WORDPRESS: Route(wordpress.begin, wordpress.ask, wordpress.after),
        RouteName.PAGED: Route(paged.begin, paged.ask, paged.after),
        RouteName.SITEMAP: Route(sitemap.begin, sitemap.ask, sitemap.after),
        RouteName.WAYBACK: Route(
            partial(wayback.begin, False), partial(wayback.ask, False), partial(wayback.after, False)
        ),
        RouteName.WAYBACK_PAGES: Route(
            partial(wayback.begin, True), partial(wayback.ask, True), partial(wayback.after, True)
        ),
    }
)
"""Those that ask somebody; the archive on this machine is read."""
SITE_WIDE = frozenset({RouteName.WORDPRESS, RouteName.SITEMAP, RouteName.WAYBACK_PAGES, RouteName.ARCHIVE})
"""Routes that bring all of a site, whichever of its feeds they are taken for; one feed of a source takes them."""
