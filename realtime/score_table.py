"""The figures of `realtime.score` as text for a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from realtime.intervals import differences, intervals
from realtime.score import RATIOS, Counted, figures_of

SHORT: Final = {
    "digit_error_rate": "digit errors",
    "false_digits_per_image": "false an image",
    "false_digits_per_frame": "false a frame",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be told. by: "condition" or "source", a row each.  intervals: whether each figure has its interval."""

    as_json: bool = False
    worst: int = 10
    by: str | None = None
    intervals: bool = False


def report(counted: Sequence[Counted], wanted: Wanted, other: Sequence[Counted] | None = None, name: str = "") -> str:
    """Return the figures as text; other: the same files as another reading, called `name`, has them."""
    found = figures_of(counted)
    within = intervals(counted) if wanted.intervals else None
    compared = differences(counted, other) if other is not None else None
    if wanted.as_json:
        more = {"intervals": within, "differences": compared}
        return json.dumps(found | {key: value for key, value in more.items() if value is not None}, indent=1)
    plain = not (wanted.by or wanted.intervals)
    text = table(found, wanted.worst) if plain else wide_table(found, within, wanted.by, wanted.worst)
    if compared is None or other is None:
        return text
    return "\n".join([text, "", *missing(figures_of(other), f" in {name}"), difference_table(compared, name)])


def table(figures: Mapping[str, Any], worst: int = 10) -> str:
    """Return a row a kind, a row a condition, the worst files."""
    rows = [
        f"{kind:9} " + "  ".join(f"{k} {v}" for k, v in figures[kind].items()) for kind in RATIOS if kind in figures
    ]
    rows += missing(figures)
    for tag, row in figures["by_condition"].items():
        name = next(iter(RATIOS[tag.split("/")[0]]))
        rows.append(f"  {tag:28} files {row['files']:4}  {name} {row[name]}")
    return "\n".join([*rows, *worst_files(figures, worst)])


def missing(figures: Mapping[str, Any], of: str = "") -> list[str]:
    """Return a line that says that there is no score, where files have no record."""
    count = sum(figures[kind]["no_record"] for kind in RATIOS if kind in figures)
    return [f"NO SCORE: {count} files have no record{of}"] if count else []


def worst_files(figures: Mapping[str, Any], worst: int) -> list[str]:
    """Return a line for each of the files with most edits."""
    return [
        f"  {w['edits']:4} edits  {w['file']}  wrote {w['truth'][:60]}  read {w['read'][:60]}"
        for w in figures["worst"][:worst]
    ]


def wide_table(figures: Mapping[str, Any], intervals: Mapping[str, Any] | None, by: str | None, worst: int = 10) -> str:
    """Return a table a kind: its figures, with their intervals if given, then those of its conditions or sources."""
    rows: list[str] = []
    for kind in (kind for kind in RATIOS if kind in figures):
        groups = {k: v for k, v in figures[f"by_{by}"].items() if k.split("/")[0] == kind} if by else {}
        within = intervals[f"by_{by}"] if intervals and by else {}
        rows += [
            _row(kind, "files", [SHORT.get(name, name.replace("_", " ")) for name in RATIOS[kind]], bool(intervals))
        ]
        rows += [_figures_row("all", kind, figures[kind], (intervals or {}).get(kind), bool(intervals))]
        for name, group in groups.items():
            label = name.partition("/")[2] or f"(no {by})"
            rows.append(_figures_row(f"  {label}", kind, group, within.get(name), bool(intervals)))
        rows += (
            [_macro_row(kind, figures[kind], (intervals or {}).get(kind))]
            if f"macro_{_first(kind)}" in figures[kind]
            else []
        )
        rows.append("")
    return "\n".join([*rows, *missing(figures), *worst_files(figures, worst)]).rstrip("\n")


def _first(kind: str) -> str:
    return next(iter(RATIOS[kind]))


def _row(label: str, files: str, cells: Iterable[str], wide: bool) -> str:
    return f"{label[:40]:40} {files:>5}" + "".join(f"  {cell:>{23 if wide else 14}}" for cell in cells)


def _figures_row(
    label: str, kind: str, figures: Mapping[str, Any], within: Mapping[str, Any] | None, wide: bool
) -> str:
    cells = (figure(figures[name], (within or {}).get(name)) for name in RATIOS[kind])
    return _row(label, str(figures["files"]), cells, wide)


def _macro_row(kind: str, figures: Mapping[str, Any], within: Mapping[str, Any] | None) -> str:
    name = f"macro_{_first(kind)}"
    return _row("all, mean over sources", "", [figure(figures[name], (within or {}).get(name))], within is not None)


def figure(value: float | None, interval: Sequence[float] | None = None) -> str:
    """Return a figure, and from where to where it may lie."""
    shown = "-" if value is None else f"{value:.3f}"
    return f"{shown} [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else shown


def difference_table(differences: Mapping[str, Mapping[str, Mapping[str, Any]]], other: str) -> str:
    """Return a row a figure of `realtime.intervals.differences`; a star where the interval does not hold 0."""
    rows = [f"{'':43} {'this':>7} {'other':>7} {'difference':>11}   95 % interval    (other: {other})"]
    for kind, figures in differences.items():
        for name, row in figures.items():
            low, high = row["interval"] or (None, None)
            where = "too few files" if low is None else f"[{low:+.3f}, {high:+.3f}]" + (" *" if low * high > 0 else "")
            numbers = f"{figure(row['this']):>7} {figure(row['other']):>7} {_signed(row['difference']):>11}"
            rows.append(f"{f'{kind} {name}':43} {numbers}   {where}")
    return "\n".join([*rows, "* the interval leaves out 0: more than which files happen to be here would make"])


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.3f}"
