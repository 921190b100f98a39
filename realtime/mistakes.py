"""What was written beside what was read, digit by digit: the alignment behind the score, with its places.

`realtime.score` needs only how many edits there are; whoever looks for their causes needs to know which digits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from realtime.score import Truth, compare, only_digits
from realtime.values import Digit

Kind = Literal["right", "confused", "missed", "false"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One digit that was written, or none (""), beside the one that was read, or none.

    line: index of the line it was written in; of a false digit, of the line before or around it.
    place: index among the digits read; of a missed digit, before which of them it would stand.
    """

    wrote: str
    read: str
    line: int
    place: int

    @property
    def kind(self) -> Kind:
        """What came of it."""
        if not self.wrote:
            return "false"
        if not self.read:
            return "missed"
        return "right" if self.wrote == self.read else "confused"


def pairs(item: Truth, digits: Sequence[Digit]) -> list[Pair]:
    """Return the best alignment of what an item of the truth says with the digits read, in reading order.

    As many of its pairs are not right as `realtime.score.compare` counts edits.
    """
    lines = written(item, "".join(d.label for d in digits))
    return _scattered(lines, digits) if item.get("order") == "loose" else _aligned(lines, digits)


def written(item: Truth, read: str) -> list[str]:
    """Return the digits of each line as written, with those optional ones that suit what was read."""
    lines = [only_digits([line]) for line in item.get("lines") or []]
    for digit in item.get("optional") or "":
        longer = min(_with_one_more(lines, digit), key=lambda lines: _edits(item, lines, read))
        if _edits(item, longer, read) < _edits(item, lines, read):
            lines = longer
    return lines


def order_alone(item: Truth, digits: Sequence[Digit]) -> int:
    """Return how many of the edits there would not be if the order of the digits did not count."""
    read = "".join(d.label for d in digits)
    lines = written(item, read)
    return _edits(item, lines, read) - _edits({"order": "loose"}, lines, read)


def _edits(item: Truth, lines: Sequence[str], read: str) -> int:
    return compare({"lines": lines, "order": item.get("order")}, read)[0]


def _with_one_more(lines: Sequence[str], digit: str) -> Iterator[list[str]]:
    for i, line in enumerate(lines or [""]):
        for k in range(len(line) + 1):
            yield [*lines[:i], line[:k] + digit + line[k:], *lines[i + 1 :]]


def _aligned(lines: Sequence[str], digits: Sequence[Digit]) -> list[Pair]:
    """Return the Levenshtein alignment with most digits right."""
    wrote = [(digit, row) for row, line in enumerate(lines) for digit in line]
    read = [d.label for d in digits]
    cost = _costs([digit for digit, _ in wrote], read)
    found: list[Pair] = []
    i, j = len(wrote), len(read)
    while i or j:
        if i and j and cost[i][j] == _met(cost[i - 1][j - 1], wrote[i - 1][0] == read[j - 1]):
            i, j = i - 1, j - 1
            found.append(Pair(wrote[i][0], read[j], wrote[i][1], j))
        elif i and cost[i][j] == _met(cost[i - 1][j]):
            i -= 1
            found.append(Pair(wrote[i][0], "", wrote[i][1], j))
        else:
            j -= 1
            found.append(Pair("", read[j], wrote[max(0, i - 1)][1] if wrote else 0, j))
    return found[::-1]


def _costs(wrote: Sequence[str], read: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Return (edits, -right) of the best alignment of each beginning of both, as `realtime.score.align` takes it."""
    table = [[(j, 0) for j in range(len(read) + 1)]]
    for i, wanted in enumerate(wrote, 1):
        above, row = table[-1], [(i, 0)]
        for j, got in enumerate(read, 1):
            row.append(min(_met(above[j - 1], wanted == got), _met(above[j]), _met(row[j - 1])))
        table.append(row)
    return table


def _met(before: tuple[int, int], right: bool = False) -> tuple[int, int]:
    return (before[0], before[1] - 1) if right else (before[0] + 1, before[1])


def _scattered(lines: Sequence[str], digits: Sequence[Digit]) -> list[Pair]:
    """Return the pairs when the order does not count; of equal labels too often read, the least sure are wrong."""
    lacking = Counter("".join(lines)) - Counter(d.label for d in digits)
    surplus = Counter(d.label for d in digits) - Counter("".join(lines))
    wrong: list[int] = []
    for place in sorted(range(len(digits)), key=lambda place: digits[place].confidence):
        if surplus[digits[place].label]:
            surplus[digits[place].label] -= 1
            wrong.append(place)
    taken_for = _likeliest(lacking, wrong, digits)
    rest = lacking - Counter(taken_for.values())
    wrote = {place: taken_for.get(place, "") if place in wrong else d.label for place, d in enumerate(digits)}
    found = [Pair(wrote[place], digit.label, 0, place) for place, digit in enumerate(digits)]
    return found + [Pair(label, "", 0, len(digits)) for label in sorted(rest.elements())]


def _likeliest(lacking: Counter[str], wrong: Sequence[int], digits: Sequence[Digit]) -> dict[int, str]:
    """Return for digits read wrong which of those not found each is, the likeliest first."""
    left, found = lacking.copy(), dict[int, str]()
    either = [(digits[place].probabilities[int(label)], place, label) for place in wrong for label in lacking]
    for _, place, label in sorted(either, reverse=True):
        if place not in found and left[label]:
            left[label] -= 1
            found[place] = label
    return found
