"""The name that was meant by one that is misspelt."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_SHORTEST_BEGINNING = 3
_SAME_LETTERS = 0.5
"""What it costs that two names differ in nothing but case, `-` and `_`."""
_LEFT_OUT, _PUT_IN, _CHANGED, _EXCHANGED = 0.9, 1.0, 1.0, 0.8
"""What each slip costs: the letters are there most often, and in another order."""


def folded(name: str) -> str:
    """What `memory_size`, `memory-size` and `MemorySize` have in common."""
    return name.replace("-", "").replace("_", "").casefold()


def same(name: str, known: Iterable[str]) -> str | None:
    """The known name that is this one in another spelling, if there is just one."""
    letters = folded(name)
    found = [each.name for each in _spellings(tuple(known)) if each.folded == letters]
    return found[0] if len(found) == 1 else None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, or None where none is near.

    That is the one which goes on where this one ends, or else the one that is the fewest slips away, if those are no
    more than a third of its letters; of several, the first of the alphabet.
    """
    return _nearest(name, tuple(known))


class _Spelling(NamedTuple):
    name: str
    folded: str
    letters: str
    """The name, whatever its case."""


@lru_cache(maxsize=256)
def _spellings(known: tuple[str, ...]) -> tuple[_Spelling, ...]:
    return tuple(_Spelling(name, folded(name), name.casefold()) for name in sorted(set(known)))


@lru_cache(maxsize=1024)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    given = _Spelling(name, folded(name), name.casefold())
    names = _spellings(known)
    longer = [each.name for each in names if each.folded.startswith(given.folded)]
    if longer and len(name) >= _SHORTEST_BEGINNING:
        shortest = min(longer, key=len)
        return shortest if all(each.startswith(shortest) for each in longer) else None
    near = [(cost, each.name) for each in names if (cost := _cost(given, each)) is not None]
    return min(near)[1] if near else None


def _cost(one: _Spelling, other: _Spelling) -> float | None:
    """How far apart two names are; None if it is too far."""
    if one.folded == other.folded:
        return _SAME_LETTERS
    most = max(len(one.name), len(other.name)) / 3
    # What is only in one of them costs a slip each, wherever it stands.
    least = max(abs(len(one.letters) - len(other.letters)), len(set(one.letters) - set(other.letters)))
    if least * _LEFT_OUT > most:
        return None
    cost = _slips(one.letters, other.letters)
    return cost if cost <= most else None


def _slips(one: str, other: str) -> float:
    """What the slips cost that lead from a name to another (optimal string alignment distance)."""
    before: list[float] = []
    row = [_LEFT_OUT * j for j in range(len(other) + 1)]
    for i, letter in enumerate(one, start=1):
        above, row = row, [_PUT_IN * i]
        for j, opposite in enumerate(other, start=1):
            changed = 0 if letter == opposite else _CHANGED
            step = min(above[j] + _PUT_IN, row[j - 1] + _LEFT_OUT, above[j - 1] + changed)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                step = min(step, before[j - 2] + _EXCHANGED)
            row.append(step)
        before = above
    return row[-1]
