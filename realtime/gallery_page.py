"""The gallery of failures as text of HTML: one card a failure, and a head that sums them up. Pure: nothing is written.

Every text that comes from outside (names of files, conditions, messages) is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from realtime.gallery_card import Tally, tags
from realtime.gallery_look import SCRIPT, STYLE
from realtime.score import RATIOS


def generator(pictures: str) -> str:
    """Return what tells that this program wrote a page, and the name of the folder of its pictures."""
    return f'<meta name="generator" content="handdigits gallery" data-pictures="{pictures}">'


def page(tallies: Sequence[Tally], cards: Iterable[str], figures: Mapping[str, Any], about: str, pictures: str) -> str:
    """Return the whole page.

    tallies, cards: of each failure, worst first.  figures: of `realtime.score`.  about: who read.  pictures: the name
    of their folder.
    """
    files = sum(figures[kind]["files"] for kind in RATIOS if kind in figures)
    title = f"{len(tallies)} of {files} files not read right" if tallies else f"All {files} files read right"
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{generator(pictures)}',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
            f"<h1>{title}</h1>\n<p class=dim>{escape(about)}</p>",
            _figures_table(figures, tallies) + _tallies(tallies) + _filters(tallies),
            *cards,
            f"<script>{SCRIPT}</script>\n</body>\n</html>\n",
        ]
    )


def _figures_table(figures: Mapping[str, Any], tallies: Sequence[Tally]) -> str:
    failed = Counter(each.entry.kind for each in tallies)
    rows = [
        f"<tr><td>{kind.replace('_', ' ')}</td><td>{figures[kind]['files']}</td><td>{failed[kind]}</td>"
        + "".join(f"<td>{name.replace('_', ' ')} <b>{_value(figures[kind][name])}</b></td>" for name in RATIOS[kind])
        + "</tr>"
        for kind in RATIOS
        if kind in figures
    ]
    head = "<tr><th>kind</th><th>files</th><th>not right</th></tr>"
    return f"<div class=scroll><table>{head}{''.join(rows)}</table></div>\n"


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _tallies(tallies: Sequence[Tally]) -> str:
    confused = Counter(f"{wrote} read as {read}" for each in tallies for wrote, read in each.confused)
    missed = Counter(f"{digit} not read" for each in tallies for digit in each.missed)
    false = Counter(f"{digit} where none is written" for each in tallies for digit in each.false)
    reasons = Counter(reason for each in tallies for reason in each.reasons)
    lists = [
        _tally("confused", "Confused", confused),
        _tally("missed", "Not read", missed),
        _tally("rejected", "Why not read: reason of the likeliest ink nearby", reasons),
        _tally("false", "False", false),
    ]
    wrong, accepted = confused.total() + false.total(), sum(each.accepted for each in tallies)
    told = (
        f"{accepted} of the {wrong} digits confused or false are in numbers that were accepted, the others for review."
    )
    return f"<div class=tallies>{''.join(lists)}</div>\n" + (f"<p>{told}</p>\n" if wrong else "")


def _tally(kind: str, name: str, counts: Counter[str]) -> str:
    rows = "".join(f"<li><b>{n}</b> {escape(what)}</li>" for what, n in counts.most_common(8))
    rest = len(counts) - 8
    more = f"<li class=dim><b></b> and {rest} other kinds</li>" if rest > 0 else ""
    return f"<section class={kind}><h3>{name}: <em>{counts.total()}</em></h3><ul>{rows}{more}</ul></section>"


def _filters(tallies: Sequence[Tally]) -> str:
    counts = Counter(tag for each in tallies for tag in tags(each))
    groups = [("kind", "every kind"), ("mistake", "every mistake"), ("condition", "every condition")]
    menus = [
        f'<select aria-label="{group}"><option value="">{everything}</option>'
        + "".join(
            f'<option value="{escape(tag)}">{escape(tag.partition(":")[2])} ({n})</option>'
            for tag, n in sorted(counts.items())
            if tag.startswith(f"{group}:")
        )
        + "</select>"
        for group, everything in groups
    ]
    return f"<nav hidden>{''.join(menus)}<output></output></nav>"
