"""What pages say that come where a document was asked for: the one list of patterns by which they are known.

How much each counts towards a feed's back-off:

- a proof of being human, and a page that wants a consent, are SOFT, as the 403 is that they stand for: the publisher
  says no, every further request lowers our standing with those who guard it, and yet most are lifted within days;
- a parked domain is SOFT: HARD would give up what is renewed within its grace period as a rule, and TEMPORARY would
  go on asking a dealer in domains as often as a server that is restarting;
- a site that tells of its own trouble (no database, maintenance, a broken program) is TEMPORARY, as the 5xx would be
  that it ought to have sent;
- a page to log in at is SOFT, as any other page is: the address may be wrong, or the feed be back tomorrow.
"""

import re
from dataclasses import dataclass

from monitor.errors import Severity

PARKING_HOSTS = re.compile(
    r"(?:^|\.)(?:sedoparking|parkingcrew|bodis|afternic|hugedomains|sedo|dan|above|undeveloped|parklogic|domainmarket"
    r"|uniregistry|namebright|parked-domain|domainnamesales|cashparking|buydomains|brandbucket)\.(?:com|net|org)$"
)
"""Where domains without a publisher are sent."""
CONSENT_HOSTS = re.compile(r"^(?:consent|guce|myprivacy|zustimmung)\.")
LOGIN_PATHS = re.compile(r"/(?:wp-login\.php|log-?in|sign-?in|sso|oauth2?|saml2?|auth|anmelden|connexion)(?:[/?.]|$)")


@dataclass(frozen=True, slots=True)
class Sign:
    """A kind of page and what gives it away.

    ``anywhere`` is what stands on no other page; ``short`` counts only where the page says little beside, since shops
    and newspapers load the same scripts; ``title`` is looked for in the page's title and first heading.
    """

    kind: str
    meaning: str
    severity: Severity
    anywhere: re.Pattern[str] | None = None
    short: re.Pattern[str] | None = None
    title: re.Pattern[str] | None = None


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_PARKED = Sign(
    "parked",
    "a page of a parked domain",
    Severity.SOFT,
    anywhere=_any(
        r"sedoparking\.com|parkingcrew\.net|parklogic\.com|cdn\.bodis\.com|bodiscdn",
        r"hugedomains\.com/domain_profile|afternic\.com/forsale|dan\.com/buy-domain",
        r"data-adblockkey=",
    ),
    short=_any(
        r"(?:this )?domain (?:name )?(?:is|may be|has been|might be) (?:for sale|expired|parked|available)",
        r"domain (?:name )?has expired|buy this domain|parked free|domain parking",
        r"diese domain (?:steht zum verkauf|ist zu verkaufen|kaufen)",
        r"ce (?:nom de )?domaine est [àa] vendre",
        r"este dominio est[áa] (?:en venta|a la venta)",
        r"dit domein is te koop|questo dominio [èe] in vendita",
        r"домен прода[её]тся|срок регистрации домена .{0,60}ист[её]к",
    ),
    title=_any(r"\bis for sale\b|\bdomain for sale\b|^hugedomains|parked domain"),
)
_CHALLENGE = Sign(
    "challenge",
    "a page that wants proof of a human reader",
    Severity.SOFT,
    anywhere=_any(
        r"_cf_chl_opt|cf-challenge-running|id=[\"']challenge-form|enable javascript and cookies to continue",
        r"captcha-delivery\.com|id=[\"']px-captcha|incapsula incident id|sucuri website firewall",
        r"awswafcookiedomainlist|awswafintegration|errors\.edgesuite\.net|ddos protection by",
        r"vercel security checkpoint|/\.within\.website/|/sgcaptcha/",
    ),
    short=_any(
        r"_incapsula_resource|cdn-cgi/challenge-platform|datadome|g-recaptcha|h-captcha|cf-turnstile",
        r"verify(?:ing)? (?:that )?you(?: a|')re (?:a )?(?:human|not a (?:ro)?bot)|checking your browser",
        r"unusual (?:traffic|activity) from your|automated (?:access|requests|traffic)",
        r"you don't have permission to access .{0,300}reference\s*(?:#|&#35;)",
    ),
    title=_any(
        r"^just a moment[.…]*|^один момент|^un momento|^einen moment|^un instant|attention required",
        r"^access (?:to this page has been )?denied|^(?:403 )?forbidden|^security check|ddos-guard",
        r"pardon our interruption|^are you (?:a )?(?:human|(?:ro)?bot)|making sure you're not a bot",
    ),
)
_CONSENT = Sign(
    "challenge",
    "a page that wants a reader's consent first",
    Severity.SOFT,
    short=_any(r"name=[\"']consent|id=[\"'](?:consent|cookie|cmp)-?(?:wall|page|gate)"),
    title=_any(
        r"^before you continue|^(?:cookie|privacy) (?:consent|wall|gate|settings)|^we value your privacy",
        r"^bevor sie|cookie-?(?:zustimmung|einwilligung)|^privacy-?instellingen|^avant de continuer",
    ),
)
_TROUBLE = Sign(
    "html",
    "the site tells of its own trouble",
    Severity.TEMPORARY,
    short=_any(
        r"there has been a critical error on (?:this|your) (?:web)?site",
        r"error establishing a database connection|could not connect to (?:the )?database|sqlstate\[",
        r"briefly unavailable for scheduled maintenance",
        r"(?:fatal|parse) error\s*(?:</b>)?\s*:|uncaught \w*(?:error|exception)",
        r"(?:site|service|we) (?:is|are|'re) (?:currently |temporarily )?(?:down|undergoing|unavailable|offline)",
    ),
    title=_any(
        r"(?:under|scheduled|site|for|server) maintenance|^maintenance|en (?:maintenance|mantenimiento)",
        r"^wartung|wartungs(?:modus|arbeiten)|in onderhoud|технические работы|be right back",
        r"^database error|^(?:500|502|503|504)\b|service (?:temporarily )?unavailable|bad gateway",
    ),
)
_LOGIN = Sign(
    "html",
    "a page to log in at",
    Severity.SOFT,
    title=_any(
        r"\blog ?in\b|\bsign ?in\b|\banmeld(?:en|ung)\b|\bse connecter\b|\bconnexion\b|\biniciar sesi[óo]n\b",
        r"\binloggen\b|\bвход\b|\bвойти\b|تسجيل الدخول",
    ),
)
SIGNS = (_PARKED, _CHALLENGE, _CONSENT, _TROUBLE, _LOGIN)
"""The first that is found counts."""
