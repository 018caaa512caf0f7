"""Delivery: one frozen message to one recipient, and what to do when it was not taken.

`recipients` reads a channel's URLs, `channel.send` makes one attempt, `answers` says what was meant, `retry.settle`
what follows, and `alarms` when somebody must be told. Apprise is the transport only: mail, Slack's incoming webhooks
and folders are plugins of our own, every other scheme is the stock plugin. It does not do yet: Slack's bot API and
workflows, mail with PGP, cc or bcc, splitting of long texts for services other than Slack (they are cut by whole lines,
which says so), List-Unsubscribe unless the URL gives it.
"""
