"""Digests: when a subscription's window closes, what it holds, and how that is shown. Pure.

`render` turns a `Digest` into a `Message` of three forms with one content: HTML for mail, text, and Slack's blocks.
`whats_new` says what is new in a story that was told before. It does not group by country, mark near-misses, or
translate its own words yet; short forms for services with tight limits do not exist yet.
"""
