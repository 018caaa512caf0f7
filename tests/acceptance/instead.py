"""What comes with a 200 instead of a feed, and what it is to be taken for."""

from monitor.errors import Severity

from .newsroom import rss

SOFT, TEMPORARY = Severity.SOFT, Severity.TEMPORARY


def page(title: str, body: str = "<p>Hello.</p>") -> bytes:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>".encode()


INSTEAD: dict[str, tuple[bytes, str, Severity]] = {
    "a page": (page("The Harbour Paper"), "html", SOFT),
    "a page with a feed on it": (page("How to subscribe", f"<pre>{rss(1).decode()}</pre>"), "html", SOFT),
    "a page to log in at": (page("Sign in to the intranet", "<form><input type='password'></form>"), "html", SOFT),
    "a site in trouble": (page("Database error", "Error establishing a database connection"), "html", TEMPORARY),
    "a program that broke": (
        b"<br />\n<b>Fatal error</b>:  Uncaught TypeError in /srv/feed.php on line 7", "html", TEMPORARY,
    ),
    "a challenge": (
        page("Just a moment...", "<script>window._cf_chl_opt={}</script>Enable JavaScript and cookies to continue"),
        "challenge", SOFT,
    ),
    "a wall": (page("Access denied", "You don't have permission to access this page."), "challenge", SOFT),
    "a consent": (page("Before you continue", "<form id='consent-wall'>We use cookies.</form>"), "challenge", SOFT),
    "a parked domain": (
        page("harbourpaper.example", "<p>This domain is for sale.</p><script src='//cdn.parkingcrew.net/x'></script>"),
        "parked", SOFT,
    ),
    "nothing": (b"", "empty", TEMPORARY),
    "blanks": (b"\xef\xbb\xbf \r\n\t\x00\n", "empty", TEMPORARY),
    "eleven bytes": (b"<rss></rss>", "empty", TEMPORARY),
    "eleven bytes of text": (b"Not found.\n", "empty", TEMPORARY),
    "an answer for a program": (b'{"error": "not_found", "code": 404, "message": "No such feed"}', "not-a-feed", SOFT),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "not-a-feed", SOFT),
    "other XML": (b'<?xml version="1.0"?><catalogue><book>One</book></catalogue>', "not-a-feed", SOFT),
    "a word about it": (b"Sorry, this feed has been discontinued. Please visit our page.", "not-a-feed", SOFT),
}  # fmt: skip
