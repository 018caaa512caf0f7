"""Returns Monitor: feeds in, one good digest out.

The path of an entry, in one direction:

    claim due feeds -> fetch -> parse -> normalise -> drop repeats -> classify -> extract -> story -> store
    backfill:    ask or read what is old, by a route -> parse and on, as above; stored, not announced
    reclassify:  stored entries -> classify -> facts -> store, beside the old scores; not announced
    digest job:  judge what a subscription has not judged -> render -> outbox
    deliver job: lease an outbox row -> send -> settle

Imports run downward only (pyproject.toml, import-linter):

    cli / daemon, demo / web / jobs / app / settings, pipeline /
    fetch, parse, dedupe, classify, extract, digest, deliver, backfill, store /
    observe, locks, exchange, tongue / normalise / domain / errors

Rules compute, jobs touch the world, and the clock is read in jobs only.
"""
