"""Values that go from process to process."""

from typing import Any


class Packed:
    """A frozen dataclass that pickles as the call that makes it.

    What dataclasses with slots do of themselves looks their fields up for each value, at both ends: 100 µs for an entry
    and what it is judged to be, instead of 30.
    """

    __slots__ = ()
    __match_args__: tuple[str, ...]  # of a dataclass its fields, in the order in which it takes them

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        """Give the class, and the values of its fields."""
        return type(self), tuple([getattr(self, name) for name in self.__match_args__])
