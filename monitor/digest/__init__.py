"""Digests: when a subscription's window closes, what it holds, and how that is shown. Pure.

`render` turns a `Digest` into a `Message` of several forms with one content: HTML for mail, text, Slack's blocks,
Markdown, and JSON, of which `monitor.deliver` makes short forms and Atom feeds. `whats_new` says what is new in a story
that was told before. All of it is said in the language of the subscription's `headings`, by `monitor.tongue`.
"""
