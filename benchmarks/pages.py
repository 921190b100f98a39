"""Find digits on pages of our own, whose truth is exact: are they found, is what is found right, is anything else read?

    python benchmarks/pages.py [--pages 128] [--seed 1] [--settings thorough live] [--out DIR] [--json FILE]

found     share of the written digits that a digit of the reading overlaps by half (intersection over
          union), one to one.
seen      the same among digits and rejected ink: what is missing here was never looked at as one piece.
right     share of the found digits that are read as what they are.
false     digits of the reading, a page, that no written digit answers to.
Each with a 95 % interval, pages drawn anew 2,000 times; then by condition, and what became of the digits not found.
--out keeps the pictures, a truth.json for `python -m realtime score`, and each page's misses drawn in.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `python benchmarks/pages.py` in a bare checkout

from benchmarks.drawn import DrawnPage, Written, draw_numbered, truth_item
from benchmarks.recipes import CONDITIONS
from models.classifier import DEFAULT_MODEL
from realtime import open_reader
from realtime.intervals import ratios, spread, weights
from realtime.values import Box, Reading

SETTINGS: Final = ("thorough", "live")
RATIOS: Final = {
    "found": ("found", "written"),
    "seen": ("seen", "written"),
    "right": ("right", "found"),
    "false": ("false", "pages"),
}
HALF: Final = 0.5

Place = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Held:
    """A page held against its reading.

    counts: pages, written, found, seen, right, false.  misses: each written digit not found, and why.
    falses: digits of the reading that are none.
    """

    page: str
    conditions: tuple[str, ...]
    counts: Counter[str]
    misses: tuple[tuple[Written, str], ...]
    falses: tuple[tuple[str, Box], ...]


def overlap(a: Place, b: Place) -> float:
    """Return intersection over union of two rectangles (left, top, right, bottom), 0..1."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    common = wide * high
    return common / (_area(a) + _area(b) - common)


def _area(a: Place) -> float:
    return (a[2] - a[0]) * (a[3] - a[1])


def place(box: Box) -> Place:
    """Return a box as (left, top, right, bottom)."""
    return box.x, box.y, box.right, box.bottom


def pair(written: Sequence[Place], read: Sequence[Place], least: float = HALF) -> dict[int, int]:
    """Return which of `read` answers to which of `written`, one to one, those that overlap most first."""
    every = ((overlap(a, b), i, j) for i, a in enumerate(written) for j, b in enumerate(read))
    pairs: dict[int, int] = {}
    for share, i, j in sorted(every, key=lambda each: -each[0]):
        if share < least:
            break
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def hold(page: DrawnPage, reading: Reading) -> Held:
    """Hold a reading against the page it was made of."""
    wanted = [digit.box for digit in page.digits]
    digits, boxes = reading.digits, [place(digit.box) for digit in reading.digits]
    others = [place(ink.box) for ink in reading.rejected]
    pairs = pair(wanted, boxes)
    falses = tuple((digits[j].label, digits[j].box) for j in range(len(digits)) if j not in pairs.values())
    counts = Counter(
        pages=1,
        written=len(wanted),
        found=len(pairs),
        seen=len(pair(wanted, [*boxes, *others])),
        right=sum(page.digits[i].label == digits[j].label for i, j in pairs.items()),
        false=len(falses),
    )
    missed = ((page.digits[i], _fate(wanted[i], reading)) for i in range(len(wanted)) if i not in pairs)
    return Held(page.name, page.conditions, counts, tuple(missed), falses)


def _fate(wanted: Place, reading: Reading) -> str:
    """Return what became of a written digit that was not found."""
    accepted = [("read", place(digit.box)) for digit in reading.digits]
    refused = [(ink.reason, place(ink.box)) for ink in reading.rejected]
    what, box = max([*accepted, *refused], key=lambda each: overlap(wanted, each[1]), default=("", (0, 0, 0, 0)))
    share = overlap(wanted, box)
    if share < 0.05:
        return "nothing there"
    if what != "read":
        return f"rejected: {what}" if share >= HALF else f"in rejected ink: {what}"
    return "read with a larger box" if _area(box) > _area(wanted) else "read with a smaller box"


COUNTED: Final = ("pages", "written", "found", "seen", "right", "false")


def figures(held: Sequence[Held]) -> dict[str, Any]:
    """Return each figure of `RATIOS` over the pages given, with its interval, and the counts."""
    columns = {key: np.array([h.counts[key] for h in held], np.float64) for key in COUNTED}
    drawn, found = weights(len(held)), {}
    for name, (top, bottom) in RATIOS.items():
        part, whole = columns[top], columns[bottom]
        value = round(float(part.sum() / whole.sum()), 4) if whole.sum() else None
        found[name] = {"value": value, "interval": spread(ratios(part, whole, drawn))}
    return found | {"counts": {key: int(column.sum()) for key, column in columns.items()}}


def by_condition(held: Iterable[Held]) -> dict[str, list[Held]]:
    """Return the pages of each condition, in the conditions' own order."""
    every = list(held)
    groups = {name: [h for h in every if name in h.conditions] for name in CONDITIONS}
    return {name: group for name, group in groups.items() if group}


def report(held: Sequence[Held]) -> dict[str, Any]:
    """Return all figures of one setting, as JSON."""
    return {
        "all": figures(held),
        "by_condition": {name: figures(group) for name, group in by_condition(held).items()},
        "misses": dict(Counter(why for h in held for _, why in h.misses).most_common()),
        "worst": [
            {"page": h.page, "missed": len(h.misses), "false": h.counts["false"]}
            for h in sorted(held, key=lambda h: -len(h.misses) - h.counts["false"])[:10]
            if h.misses or h.falses
        ],
    }


def text(reports: dict[str, dict[str, Any]]) -> str:
    """Return the reports of several settings side by side, for people."""
    rows = [f"{'':16}pages digits" + "".join(f"   {name}: found   seen  right  false" for name in reports)]
    first = next(iter(reports.values()))
    for condition in ("all", *first["by_condition"]):
        each = [r["all"] if condition == "all" else r["by_condition"][condition] for r in reports.values()]
        cells = "".join(
            " " * (len(name) + 5) + " ".join(_cell(row[figure]["value"]) for figure in RATIOS)
            for name, row in zip(reports, each, strict=True)
        )
        rows.append(f"{condition:16}{each[0]['counts']['pages']:5} {each[0]['counts']['written']:6}{cells}")
    for name, each_report in reports.items():
        rows.append("")
        rows += [
            f"{name}: {figure} {row['value']} {row['interval']}"
            for figure, row in each_report["all"].items()
            if figure in RATIOS
        ]
        rows += [f"  {count:5} {why}" for why, count in each_report["misses"].items()]
        rows += [f"  {w['page']}: {w['missed']} missed, {w['false']} false" for w in each_report["worst"]]
    return "\n".join(rows)


def _cell(value: float | None) -> str:
    return f"{value:6.3f}" if value is not None else "     -"


def marked(page: DrawnPage, held: Held) -> NDArray[np.uint8]:
    """Return the picture with the missed digits in red and false ones in orange."""
    picture = page.picture.copy()
    for digit, _ in held.misses:
        left, top, right, bottom = map(round, digit.box)
        cv2.rectangle(picture, (left - 2, top - 2), (right + 1, bottom + 1), (0, 0, 255), 2)
    for _, box in held.falses:
        cv2.rectangle(picture, (box.x, box.y), (box.right - 1, box.bottom - 1), (0, 140, 255), 2)
    return picture


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=4 * len(CONDITIONS), metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=SETTINGS)
    parser.add_argument("--only", nargs="+", choices=CONDITIONS, default=list(CONDITIONS), metavar="CONDITION")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="DIR")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    readers = {name: open_reader(args.model, live=name == "live") for name in args.settings}
    held: dict[str, list[Held]] = {name: [] for name in readers}
    names, items = list(CONDITIONS), []
    for number in range(args.pages):
        if names[number % len(names)] not in args.only:
            continue
        page = draw_numbered(number, args.seed)
        items.append(truth_item(page))
        for name, reader in readers.items():
            held[name].append(hold(page, reader.read(page.picture)))
        if args.out:
            _keep(args.out, page, {name: each[-1] for name, each in held.items()})
    reports = {name: report(each) for name, each in held.items()}
    print(text(reports))
    if args.out:
        (args.out / "truth.json").write_text(json.dumps(items, indent=1), encoding="utf-8")
    if args.json:
        args.json.write_text(json.dumps(reports, indent=1), encoding="utf-8")


def _keep(out: Path, page: DrawnPage, held: dict[str, Held]) -> None:
    (out / "marked").mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out / f"{page.name}.png"), page.picture)
    for name, each in held.items():
        if each.misses or each.falses:
            cv2.imwrite(str(out / "marked" / f"{page.name}-{name}.jpg"), marked(page, each))


if __name__ == "__main__":
    main()
