"""Digests: when a subscription's window closes, what it holds, and how that is shown. Pure.

`render` turns a `Digest` into a `Message` of three forms with one content: HTML for mail, text, and Slack's blocks.
It does not group by country, show measures and figures, mark updates or near-misses, or translate its own words yet;
short forms for services with tight limits do not exist yet.
"""
