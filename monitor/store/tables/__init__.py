"""The rows, as SQLModel tables. Every time is aware UTC (SQLModel's UTCDateTime refuses naive ones).

Statements go through the tables' columns in bulk, never through a session object by object: 20,000 predictions took
6.0 s by ``session.merge`` and 0.16 s by one upsert.
"""

from monitor.store.tables.backfills import AskedRow, BackfillRow
from monitor.store.tables.base import metadata, table_of
from monitor.store.tables.deliveries import AttemptRow, DepartureRow, OutboxRow, SuspensionRow
from monitor.store.tables.digests import ALERTED, CUT, DigestRow, LedgerRow, SilenceRow, SubscriptionRow
from monitor.store.tables.entries import AliasRow, AnnotationRow, EntryRow, EntryVersionRow, PredictionRow
from monitor.store.tables.facts import FigureRow, MeasureRow, NameRow, PlaceRow
from monitor.store.tables.feeds import DocumentRow, FeedRow, PauseRow, PollRow
from monitor.store.tables.health import AlarmRow, CounterRow, HeartbeatRow, NoticeRow
from monitor.store.tables.reclassify import ReclassifyRow
from monitor.store.tables.stories import StoryIndexRow, StoryKeyRow, StoryMoveRow

__all__ = [
    "ALERTED",
    "CUT",
    "AlarmRow",
    "AliasRow",
    "AnnotationRow",
    "AskedRow",
    "AttemptRow",
    "BackfillRow",
    "CounterRow",
    "DepartureRow",
    "DigestRow",
    "DocumentRow",
    "EntryRow",
    "EntryVersionRow",
    "FeedRow",
    "FigureRow",
    "HeartbeatRow",
    "LedgerRow",
    "MeasureRow",
    "NameRow",
    "NoticeRow",
    "OutboxRow",
    "PauseRow",
    "PlaceRow",
    "PollRow",
    "PredictionRow",
    "ReclassifyRow",
    "SilenceRow",
    "StoryIndexRow",
    "StoryKeyRow",
    "StoryMoveRow",
    "SubscriptionRow",
    "SuspensionRow",
    "metadata",
    "table_of",
]
