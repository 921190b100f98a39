"""One failure as text of HTML: what was written and read, the figures, and each mistake with its ink. Pure.

Every text that comes from outside (names of files, conditions, messages) is escaped.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.exhibit import Exhibit, Mistake, Seen
from realtime.figures import Figure, Mark
from realtime.mistakes import Pair
from realtime.pieces import Guess

WORDS: Final = {"confused": "confused", "missed": "not read", "false": "false"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that was not read right. note: what else is to be said of it; `fault`: why it could not be read."""

    file: str
    kind: str
    conditions: tuple[str, ...]
    source: str
    note: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What the mistakes of one file come to: pairs of (written, read), and why what was missed was rejected.

    accepted: how many digits confused or false are in numbers that were accepted, so that nobody is warned of them.
    """

    entry: Entry
    confused: tuple[tuple[str, str], ...] = ()
    missed: str = ""
    false: str = ""
    reasons: tuple[str, ...] = ()
    accepted: int = 0


def tally(entry: Entry, shown: Exhibit | None) -> Tally:
    """Return what the mistakes come to; of an exhibit that there is none of, nothing."""
    if shown is None:
        return Tally(entry)
    wrong = {kind: [pair for pair in shown.pairs if pair.kind == kind] for kind in WORDS}
    reasons = (mistake.ink[0].reason if mistake.ink else "no ink found" for mistake in shown.mistakes if mistake.wrote)
    return Tally(
        entry,
        tuple((pair.wrote, pair.read) for pair in wrong["confused"]),
        "".join(pair.wrote for pair in wrong["missed"]),
        "".join(pair.read for pair in wrong["false"]),
        tuple(reason for reason in reasons if reason),
        sum(mistake.within is not None and mistake.within.status == "accept" for mistake in shown.mistakes),
    )


def tags(each: Tally) -> list[str]:
    """Return what a failure can be found by: its kind, its mistakes, its conditions."""
    has = [("confused", each.confused), ("not read", each.missed), ("false", each.false), ("accepted", each.accepted)]
    mistakes = [name for name, found in has if found]
    return [
        f"kind:{each.entry.kind}",
        *(f"mistake:{name}" for name in mistakes or ["other"]),
        *(f"condition:{name}" for name in each.entry.conditions),
    ]


def card(rank: int, each: Tally, shown: Exhibit | None, places: Mapping[str, str]) -> str:
    """Return the card of one failure. places: where each figure's picture lies, by the figure's name."""
    entry = each.entry
    labels = "".join(f"<span class=tag>{escape(tag)}</span>" for tag in (entry.kind, *entry.conditions))
    head = f'<h2><a href="#f{rank}">{escape(entry.file)}</a></h2>{labels}<span class=sum>{_sum(each)}</span>'
    notes = "".join(f"<p class=note>{escape(note)}</p>" for note in (entry.note, entry.fault) if note)
    body = "" if shown is None else _strip(shown) + _figures(shown.figures, places) + _mistakes(shown.mistakes)
    opening = f'<article id=f{rank} data-tags="{escape(json.dumps(tags(each)))}">'
    return f"{opening}\n<header>{head}</header>\n{notes}{body}</article>"


def _sum(each: Tally) -> str:
    counts = {"confused": len(each.confused), "missed": len(each.missed), "false": len(each.false)}
    return ", ".join(f"{n} {WORDS[kind]}" for kind, n in counts.items() if n)


def _strip(shown: Exhibit) -> str:
    """Return what was written above what was read, digit by digit, line by line; and the lines read, if they differ."""
    rows = sorted({pair.line for pair in shown.pairs})
    lines = ["".join(_column(pair) for pair in shown.pairs if pair.line == row) for row in rows]
    notes: list[str] = []
    if shown.order:
        notes.append(f"{shown.order} of the edits are of order alone: the digits are there, elsewhere.")
    if shown.wrote and [len(line.replace(" ", "")) for line in shown.read] != [*map(len, shown.wrote)]:
        notes.append(f"Lines written: {' / '.join(shown.wrote)}. Lines read: {' / '.join(shown.read) or 'none'}.")
    return (
        "<div class=strip><span class=names><span>written</span><span>read</span></span>"
        + "".join(f"<span class=line>{line}</span>" for line in lines)
        + "</div>"
        + "".join(f"<p class='note dim'>{note}</p>" for note in notes)
    )


def _column(pair: Pair) -> str:
    return f"<u class={pair.kind}><span>{pair.wrote or '·'}</span><span>{pair.read or '·'}</span></u>"


def _figures(figures: Sequence[Figure], places: Mapping[str, str]) -> str:
    return f"<div class=figures>{''.join(_figure(figure, places[figure.name]) for figure in figures)}</div>"


def _figure(figure: Figure, place: str) -> str:
    h, w = figure.image.shape[:2]
    frame, paper = figure.frame, " class=paper" if figure.name == "ink" else ""
    marks = "".join(_mark(mark, figure) for mark in figure.marks)
    points = " ".join(f"{x},{y}" for x, y in figure.outline)
    outline = (
        f'<svg viewBox="{frame.x} {frame.y} {frame.w} {frame.h}" preserveAspectRatio="none">'
        f'<polygon points="{points}"/></svg>'
        if points
        else ""
    )
    image = f'<img{paper} src="{place}" width={w} height={h} loading=lazy alt="{figure.name}">'
    caption = escape(figure.caption)
    return (
        f'<figure><a class=shown href="{place}">{image}{outline}{marks}</a><figcaption>{caption}</figcaption></figure>'
    )


def _mark(mark: Mark, figure: Figure) -> str:
    frame = figure.frame
    x, y = 100 * (mark.box.x - frame.x) / frame.w, 100 * (mark.box.y - frame.y) / frame.h
    w, h = 100 * mark.box.w / frame.w, 100 * mark.box.h / frame.h
    key = f"<b>{letters(mark.number)}</b>" if mark.number else ""
    place = f"left:{x:.2f}%;top:{y:.2f}%;width:{w:.2f}%;height:{h:.2f}%"
    looks = f'"{mark.kind or "rejected"}{" listed" if key else ""}"'
    return f'<i class={looks} style="{place}" title="{escape(mark.note)}">{key}</i>'


def letters(number: int) -> str:
    """Return a name of letters for 1, 2, 3: a, b ... z, aa: never mistaken for a digit that was read."""
    return (letters((number - 1) // 26) if number > 26 else "") + chr(ord("a") + (number - 1) % 26)


def _mistakes(mistakes: Sequence[Mistake]) -> str:
    return f"<ol>{''.join(_mistake(each) for each in mistakes)}</ol>"


def _mistake(each: Mistake) -> str:
    titles = {
        "confused": f"<em>{each.wrote}</em> read as <em>{each.read}</em>",
        "missed": f"<em>{each.wrote}</em> not read",
        "false": f"<em>{each.read}</em> read where none is written",
    }
    why = ""
    if each.within is not None:
        number = each.within
        reasons = f", for review: {', '.join(number.reasons)}" if number.reasons else ", accepted"
        why = f"In the number {number.text} of confidence {number.confidence:.2f}{reasons}."
    elif each.ink:
        why = "Ink nearby that was rejected, likeliest first:"
    else:
        why = "No ink was found near its place."
    inks = "".join(_seen(seen) for seen in each.ink)
    head = f"<h3>{titles[each.kind]}</h3><p class='note dim'>{why}</p>"
    return f"<li class={each.kind}>{head}<div class=inks>{inks}</div></li>"


def _seen(seen: Seen) -> str:
    looks = ' class="seen rejected"' if seen.reason else " class=seen"
    crops = _inline(seen.crop, ".jpg", "the picture") + _inline(seen.ink, ".jpg", "its ink", "paper")
    top = "".join(
        f"<dt>{label}</dt><dd><meter value={share:.4f}></meter></dd><dd>{share:.3f}</dd>"
        for label, share in seen.guess.top
    )
    reason = f"Rejected: {escape(seen.reason)}" if seen.reason else f"Read as {seen.label}"
    told = f"<p>{reason} <span class=dim>{seen.box.w} x {seen.box.h} pixels</span></p><dl>{top}</dl>"
    return (
        f"<div{looks}><span class=key>{letters(seen.number)}</span>{crops}"
        + _inline(seen.guess.glyph, ".png", "what the network saw", "glyph")
        + f"<div class=told>{told}{_others(seen.others)}</div></div>"
    )


def _others(others: Sequence[Guess]) -> str:
    """Return how else the ink was cut out, and what each cut was most like."""
    cuts = "".join(
        f"<span>{_inline(each.glyph, '.png', 'another cut')}{each.top[0][0]} {each.top[0][1]:.2f}</span>"
        for each in others
    )
    return f"<div class=others>other cuts {cuts}</div>" if cuts else ""


def _inline(image: NDArray[np.uint8], suffix: str, alt: str, looks: str = "") -> str:
    """Return a small picture as an element that holds it. image: uint8, (h, w) gray or (h, w, 3) BGR."""
    data = base64.b64encode(cv2.imencode(suffix, image)[1].tobytes()).decode("ascii")
    form = {".png": "png", ".jpg": "jpeg"}[suffix]
    h, w = image.shape[:2]
    style = f" class={looks}" if looks else ""
    return f'<img{style} src="data:image/{form};base64,{data}" width={w} height={h} alt="{alt}" title="{alt}">'
