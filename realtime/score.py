"""Readings against truth: the figures a reader of handwritten digits is judged by.

A truth file is a list of {file, kind, lines, ...}: `kind` is page, single, negative or video; `lines` holds the digits
as written, top to bottom (spaces are not scored). Optional: `order` "loose" (scattered digits: a bag, not a sequence),
`optional` (digits cut by the picture's edge: read or skipped, both are right), `conditions`, `source`, `frames`, `fps`,
`all_visible_frames`. A picture without a record counts as read empty and is listed under `no_record`.

page      digit error rate = Levenshtein edits / digits written, in reading order; recall and precision of the same
          alignment; line F1 = lines read exactly, as multisets (not for loose pages); page exact = all digits right.
single    accuracy = read as exactly the one digit; missed = nothing read; extra = more than one digit read.
negative  false digits per image; clean = share of images with none.
video     of the frames in which all is visible, after the first half second: digit error rate = of their most frequent
          reading; right = share that reads the truth; steady = share that shows the most frequent reading.
video_without_digits   false digits per frame.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from models.errors import UnreadableError

Truth = Mapping[str, Any]
Record = Mapping[str, Any]
Records = Mapping[str, Mapping[int, Record]]
"""Records by the truth's file, then by frame index (0 for pictures)."""

DIGITS: Final = frozenset("0123456789")
KINDS: Final = ("page", "single", "negative", "video", "video_without_digits")
WARM_UP_S: Final = 0.5
HEADLINE: Final = ("digit_error_rate", "accuracy", "false_digits_per_image", "false_digits_per_frame")


def align(truth: str, read: str) -> tuple[int, int]:
    """Return (edits, matches) of the best Levenshtein alignment, most matches first among equals."""
    row = [(j, 0) for j in range(len(read) + 1)]
    for i, wanted in enumerate(truth, 1):
        below = [(i, 0)]
        for j, got in enumerate(read, 1):
            hit = wanted == got
            diagonal = (row[j - 1][0] + (not hit), row[j - 1][1] - hit)
            below.append(min(diagonal, (row[j][0] + 1, row[j][1]), (below[j - 1][0] + 1, below[j - 1][1])))
        row = below
    return row[-1][0], -row[-1][1]


def bag(truth: str, read: str) -> tuple[int, int]:
    """Return (edits, matches) when the order of the digits does not count."""
    hits = sum((Counter(truth) & Counter(read)).values())
    return max(len(truth), len(read)) - hits, hits


def only_digits(lines: Iterable[str]) -> str:
    """Return the digits of all lines, joined."""
    return "".join(c for line in lines for c in line if c in DIGITS)


def texts(record: Record | None) -> list[str]:
    """Return the text of each line of a record; no record, no lines."""
    return [line["text"] for line in (record or {}).get("lines") or []]


def compare(item: Truth, read: str) -> tuple[int, int, int]:
    """Return (edits, matches, digits written) of one picture, optional digits taken the way that suits the reading."""
    truth, loose = only_digits(item.get("lines") or []), item.get("order") == "loose"
    measure = bag if loose else align
    edits, hits = measure(truth, read)
    for digit in item.get("optional") or "":
        longer = _with_optional(truth, digit, read, loose, measure)
        fewer, more = measure(longer, read)
        if fewer < edits:
            truth, edits, hits = longer, fewer, more
    return edits, hits, len(truth)


def _with_optional(truth: str, digit: str, read: str, loose: bool, measure: Callable[..., tuple[int, int]]) -> str:
    places = [len(truth)] if loose else range(len(truth) + 1)
    return min((truth[:i] + digit + truth[i:] for i in places), key=lambda longer: measure(longer, read)[0])


def parse_records(lines: Iterable[str], truth: Sequence[Truth], name: str = "records") -> dict[str, dict[int, Record]]:
    """Return the records in JSON Lines that belong to the truth; of two for the same frame the last counts.

    A record belongs to the file whose path is the longest common ending of its uri. Lines of another schema are passed
    over. Raises UnreadableError naming `name` and the line that is no record.
    """
    files: dict[str, list[str]] = defaultdict(list)
    for item in truth:
        files[PurePosixPath(item["file"]).name].append(item["file"])
    found: dict[str, dict[int, Record]] = defaultdict(dict)
    for number, text in enumerate(lines, 1):
        place = _place(text, f"{name}: line {number}") if text.strip() else None
        if place is not None:
            record, uri, index = place
            candidates = files.get(PurePosixPath(uri).name, [])
            if candidates:
                found[max(candidates, key=lambda file: _common_ending(file, uri))][index] = record
    return found


def _place(text: str, where: str) -> tuple[Record, str, int] | None:
    """Return (record, uri, index) of one line, None for another schema."""
    try:
        record = json.loads(text)
        if not str(record.get("schema", "digits.record/1")).startswith("digits.record/"):
            return None
        if not all(isinstance(text, str) for text in texts(record)):
            raise TypeError("the text of a line is no text")
        return record, record["source"]["uri"].replace("\\", "/"), int(record["source"].get("index") or 0)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as fault:
        raise UnreadableError(f"{where} is no record; make the file anew with --jsonl") from fault


def _common_ending(a: str, b: str) -> int:
    """Return how many trailing parts two paths share."""
    n = 0
    for x, y in zip(reversed(PurePosixPath(a).parts), reversed(PurePosixPath(b).parts), strict=False):
        if x != y:
            break
        n += 1
    return n


def score(truth: Sequence[Truth], records: Records) -> dict[str, Any]:
    """Return all figures: by kind, `by_condition`, `by_source`, and the `worst` files with most edits first."""
    counts = [(item, *_count(item, records.get(item["file"], {}))) for item in truth]
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    by_source: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    by_condition: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for item, kind, count, _ in counts:
        by_kind[kind].update(count)
        by_source[kind, (item.get("source") or "").split(":")[0]].update(count)
        for condition in item.get("conditions") or []:
            by_condition[kind, condition].update(count)
    figures: dict[str, Any] = {kind: _figures(kind, sums) for kind, sums in by_kind.items()}
    _add_macro(figures, by_source, "page", "macro_digit_error_rate", ("edits", "truth"))
    _add_macro(figures, by_source, "single", "macro_accuracy", ("exact", "files"))
    figures["by_condition"] = {
        f"{kind}/{tag}": _figures(kind, sums) for (kind, tag), sums in sorted(by_condition.items())
    }
    figures["by_source"] = {f"{kind}/{name}": _figures(kind, sums) for (kind, name), sums in sorted(by_source.items())}
    figures["worst"] = _worst(counts)
    return figures


def _count(item: Truth, found: Mapping[int, Record]) -> tuple[str, Counter[str], str]:
    """Return (kind, counts, reading) of one file."""
    wanted = only_digits(item.get("lines") or [])
    kind = "video_without_digits" if item["kind"] == "video" and not wanted else str(item["kind"])
    count = Counter(files=1, no_record=int(not found), errors=sum(1 for r in found.values() if r.get("error")))
    read = _count_frames(item, found, count) if item["kind"] == "video" else only_digits(texts(found.get(0)))
    if kind == "page" and item.get("order") != "loose":
        _count_lines(item["lines"], texts(found.get(0)), count)
    edits, hits, written = compare(item, read)
    count.update(truth=written, read=len(read), edits=edits, hits=hits, exact=int(edits == 0), missed=int(not read))
    count.update(extra=int(len(read) > max(1, len(wanted))))
    return kind, count, read


def _count_frames(item: Truth, found: Mapping[int, Record], count: Counter[str]) -> str:
    shown = [only_digits(texts(found.get(i))) for i in _counted_frames(item, found)]
    read, most = Counter(shown).most_common(1)[0] if shown else ("", 0)
    right = sum(compare(item, text)[0] == 0 for text in shown)
    count.update(frames=len(shown), steady=most, right=right, false=sum(map(len, shown)))
    return read


def _counted_frames(item: Truth, found: Mapping[int, Record]) -> list[int]:
    frames = item.get("frames") or max(found, default=-1) + 1
    spans = item.get("all_visible_frames") or [[0, frames - 1]]
    start = round(WARM_UP_S * (item.get("fps") or 30))
    return [i for first, last in spans for i in range(max(first, start), last + 1)]


def _count_lines(written: Sequence[str], read: Sequence[str], count: Counter[str]) -> None:
    wanted, got = (Counter(filter(None, (only_digits([line]) for line in lines))) for lines in (written, read))
    count.update(line_hit=sum((wanted & got).values()), line_truth=sum(wanted.values()), line_read=sum(got.values()))


def _figures(kind: str, s: Counter[str]) -> dict[str, Any]:
    ratios = {
        "page": {
            "digit_error_rate": ("edits", "truth"),
            "recall": ("hits", "truth"),
            "precision": ("hits", "read"),
            "line_f1": ("line_hit_twice", "lines"),
            "page_exact": ("exact", "files"),
        },
        "single": {"accuracy": ("exact", "files"), "missed": ("missed", "files"), "extra": ("extra", "files")},
        "negative": {"false_digits_per_image": ("read", "files"), "clean": ("missed", "files")},
        "video": {"digit_error_rate": ("edits", "truth"), "right": ("right", "frames"), "steady": ("steady", "frames")},
        "video_without_digits": {"false_digits_per_frame": ("false", "frames")},
    }[kind]
    sums = s | Counter(line_hit_twice=2 * s["line_hit"], lines=s["line_truth"] + s["line_read"])
    figures: dict[str, Any] = {"files": s["files"], "no_record": s["no_record"], "errors": s["errors"]}
    if kind == "page":
        figures["digits"] = s["truth"]
    figures |= {name: _ratio(sums[top], sums[bottom]) for name, (top, bottom) in ratios.items()}
    return figures | ({"frames": s["frames"]} if kind.startswith("video") else {})


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _add_macro(
    figures: dict[str, Any],
    by_source: Mapping[tuple[str, str], Counter[str]],
    kind: str,
    name: str,
    ratio: tuple[str, str],
) -> None:
    """Add a figure averaged over sources, so that one source with many files does not decide."""
    if kind in figures:
        top, bottom = ratio
        each = [s[top] / s[bottom] for (k, _), s in by_source.items() if k == kind and s[bottom]]
        figures[kind][name] = _ratio(sum(each), len(each))


def _worst(counts: Iterable[tuple[Truth, str, Counter[str], str]]) -> list[dict[str, Any]]:
    rows = [
        (count["edits"], str(item["file"]), only_digits(item.get("lines") or []), read)
        for item, kind, count, read in counts
        if count["edits"] and kind != "video_without_digits"
    ]
    return [dict(zip(("edits", "file", "truth", "read"), row, strict=True)) for row in sorted(rows, reverse=True)]


def table(figures: Mapping[str, Any], worst: int = 10) -> str:
    """Return the figures as text for a person: a row a kind, a row a condition, the worst files."""
    rows = [f"{kind:9} " + "  ".join(f"{k} {v}" for k, v in figures[kind].items()) for kind in KINDS if kind in figures]
    missing = sum(figures[kind]["no_record"] for kind in KINDS if kind in figures)
    if missing:
        rows.append(f"NO SCORE: {missing} files have no record")
    for tag, row in figures["by_condition"].items():
        name = next(k for k in HEADLINE if k in row)
        rows.append(f"  {tag:28} files {row['files']:4}  {name} {row[name]}")
    for w in figures["worst"][:worst]:
        rows.append(f"  {w['edits']:4} edits  {w['file']}  wrote {w['truth'][:60]}  read {w['read'][:60]}")
    return "\n".join(rows)
