"""What of a digest has room in a form, cut by whole stories, and what is left of it then. Pure."""

from collections.abc import Callable
from dataclasses import replace

from monitor.digest.block_view import BlockView
from monitor.digest.view import BriefView, DigestView, GroupView, SectionView, tally


def stories(view: DigestView) -> int:
    """How many stories its sections have."""
    return sum(section.count for section in view.sections)


def fit(number: int, limit: int, lay: Callable[[int], str]) -> tuple[int, str]:
    """Find the most of ``number`` stories with which what is laid out has at most ``limit`` bytes of UTF-8.

    Returns how many they are, and what was laid out; with none of them where not even that fits.
    """
    whole = lay(number)
    if len(whole.encode()) <= limit:
        return number, whole
    fits, too_many, best = 0, number, lay(0)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        attempt = lay(middle)
        if len(attempt.encode()) <= limit:
            fits, best = middle, attempt
        else:
            too_many = middle
    return fits, best


def first(view: DigestView, kept: int) -> DigestView:
    """Keep the first stories only; sections and groups left empty go. Their counts stay those of the whole."""
    return _stories(view, 0, kept)


def after(view: DigestView, kept: int, rows: int) -> DigestView:
    """Leave out what was kept: the first stories, and so many rows of what stands below them; all counts are of the
    rest."""
    left = _stories(view, kept, stories(view))
    return replace(
        left,
        sections=tuple(map(_counted, left.sections)),
        blocks=tuple(block for block in (_rest_of_block(block, rows) for block in view.blocks) if block.count),
        alerted=_rest_of_brief(view.alerted, rows),
        near=_rest_of_brief(view.near, rows),
    )


def is_empty(view: DigestView) -> bool:
    """Say whether a digest has neither stories nor rows."""
    return not (view.sections or view.blocks or view.alerted.count or view.near.count)


def left_out(view: DigestView, kept: int) -> tuple[int, str]:
    """How many stories come after the first ones, and how many of each label: ``4 returns, 3 policy``."""
    counts = []
    for section in view.sections:
        gone, kept = max(0, section.count - kept), max(0, kept - section.count)
        if gone:
            counts.append((section.label, gone))
    return sum(gone for _, gone in counts), tally(counts, view.tongue)


def _stories(view: DigestView, start: int, end: int) -> DigestView:
    sections, at = [], 0
    for section in view.sections:
        groups = []
        for group in section.groups:
            chosen = group.stories[max(0, start - at) : max(0, end - at)]
            at += len(group.stories)
            if chosen:
                groups.append(replace(group, stories=chosen))
        if groups:
            sections.append(replace(section, groups=tuple(groups)))
    return replace(view, sections=tuple(sections))


def _counted(section: SectionView) -> SectionView:
    groups = tuple(_counted_group(group) for group in section.groups)
    return replace(section, groups=groups, count=sum(group.count for group in groups))


def _counted_group(group: GroupView) -> GroupView:
    return replace(group, count=len(group.stories))


def _rest_of_block(block: BlockView, rows: int) -> BlockView:
    left, reference = block.rows[rows:], block.reference[rows:]
    number = len(left) + len(reference)
    return replace(block, count=number, rows=left, reference=reference, empty="", more="", more_reference="")


def _rest_of_brief(brief: BriefView, rows: int) -> BriefView:
    left = brief.stories[rows:]
    return replace(brief, count=len(left), stories=left, more="")
