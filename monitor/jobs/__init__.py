"""The verbs: poll, digest, deliver, train, prune; each ``run(app, …) -> Report``.

Here, and only here, the clock is read where no ``now`` is given.
"""
