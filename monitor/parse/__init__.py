"""Bytes to raw entries; the only room with feedparser.

Reads RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed, news sitemaps and watched pages, in worker processes with a deadline and a
memory limit; and OPML. A feed's bytes go `packed` -> `encoding` -> `frame` -> `reading` (`repair` where it must) ->
`feed`; what is none is told by `stranger`, and what is not to be believed by `suspicion`.
"""
