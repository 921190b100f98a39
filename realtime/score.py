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

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Truth = Mapping[str, Any]
Record = Mapping[str, Any]
Records = Mapping[str, Mapping[int, Record]]
"""Records by the truth's file, then by frame index (0 for pictures)."""

DIGITS: Final = frozenset("0123456789")
WARM_UP_S: Final = 0.5
RATIOS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "page": {
        "digit_error_rate": ("edits", "truth"),
        "recall": ("hits", "truth"),
        "precision": ("hits", "read"),
        "line_f1": ("line_hits_twice", "lines"),
        "page_exact": ("exact", "files"),
    },
    "single": {"accuracy": ("exact", "files"), "missed": ("missed", "files"), "extra": ("extra", "files")},
    "negative": {"false_digits_per_image": ("read", "files"), "clean": ("missed", "files")},
    "video": {"digit_error_rate": ("edits", "truth"), "right": ("right", "frames"), "steady": ("steady", "frames")},
    "video_without_digits": {"false_digits_per_frame": ("false", "frames")},
}
"""By kind, each figure and the two counts it is the ratio of, each added up over all files."""
MACRO: Final[Mapping[str, tuple[str, str, str]]] = {
    "page": ("macro_digit_error_rate", "edits", "truth"),
    "single": ("macro_accuracy", "exact", "files"),
}
"""Figures averaged over sources, so that one source with many files does not decide, and the two counts of each."""


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


@dataclass(frozen=True, eq=False, slots=True)
class Counted:
    """One file held against what was read of it. counts: what the figures of `RATIOS` are ratios of."""

    item: Truth
    kind: str
    counts: Counter[str]
    read: str

    @property
    def source(self) -> str:
        """Where it comes from, without the details after a colon."""
        return (self.item.get("source") or "").split(":")[0]


def count(truth: Sequence[Truth], records: Records) -> list[Counted]:
    """Hold each file of the truth against its records."""
    return [_count(item, records.get(item["file"], {})) for item in truth]


def grouped(counted: Iterable[Counted], by: str) -> dict[tuple[str, str], list[Counted]]:
    """Return the files by kind and "condition" or "source", sorted; one of two conditions stands in both."""
    groups: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    for each in counted:
        for name in [each.source] if by == "source" else each.item.get("conditions") or []:
            groups[each.kind, name].append(each)
    return dict(sorted(groups.items()))


def by_kind(counted: Iterable[Counted]) -> dict[str, list[Counted]]:
    """Return the files of each kind."""
    groups: dict[str, list[Counted]] = defaultdict(list)
    for each in counted:
        groups[each.kind].append(each)
    return dict(groups)


def score(truth: Sequence[Truth], records: Records) -> dict[str, Any]:
    """Return all figures: by kind, `by_condition`, `by_source`, and the `worst` files with most edits first."""
    return figures_of(count(truth, records))


def figures_of(counted: Sequence[Counted]) -> dict[str, Any]:
    """Return what `score` returns, of files already counted."""
    found: dict[str, Any] = {kind: _figures(kind, files) for kind, files in by_kind(counted).items()}
    by_source = grouped(counted, "source")
    for kind, (name, top, bottom) in MACRO.items():
        if kind in found:
            sums = [_sum(files) for (k, _), files in by_source.items() if k == kind]
            each = [s[top] / s[bottom] for s in sums if s[bottom]]
            found[kind][name] = _ratio(sum(each), len(each))
    for by in ("condition", "source"):
        found[f"by_{by}"] = {
            f"{kind}/{name}": _figures(kind, files) for (kind, name), files in grouped(counted, by).items()
        }
    found["worst"] = _worst(counted)
    return found


def _count(item: Truth, found: Mapping[int, Record]) -> Counted:
    wanted = only_digits(item.get("lines") or [])
    kind = "video_without_digits" if item["kind"] == "video" and not wanted else str(item["kind"])
    counts = Counter(files=1, no_record=int(not found), errors=sum(1 for r in found.values() if r.get("error")))
    read = _count_frames(item, found, counts) if item["kind"] == "video" else only_digits(texts(found.get(0)))
    if kind == "page" and item.get("order") != "loose":
        _count_lines(item["lines"], texts(found.get(0)), counts)
    edits, hits, written = compare(item, read)
    counts.update(truth=written, read=len(read), edits=edits, hits=hits, exact=int(edits == 0), missed=int(not read))
    counts.update(extra=int(len(read) > max(1, len(wanted))))
    return Counted(item, kind, counts, read)


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
    hits = sum((wanted & got).values())
    count.update(line_hits_twice=2 * hits, lines=sum(wanted.values()) + sum(got.values()))


def _sum(files: Iterable[Counted]) -> Counter[str]:
    return sum((each.counts for each in files), Counter())


def _figures(kind: str, files: Iterable[Counted]) -> dict[str, Any]:
    s = _sum(files)
    found: dict[str, Any] = {"files": s["files"], "no_record": s["no_record"], "errors": s["errors"]}
    if kind == "page":
        found["digits"] = s["truth"]
    found |= {name: _ratio(s[top], s[bottom]) for name, (top, bottom) in RATIOS[kind].items()}
    return found | ({"frames": s["frames"]} if kind.startswith("video") else {})


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _worst(counted: Iterable[Counted]) -> list[dict[str, Any]]:
    rows = [
        (each.counts["edits"], str(each.item["file"]), only_digits(each.item.get("lines") or []), each.read)
        for each in counted
        if each.counts["edits"] and each.kind != "video_without_digits"
    ]
    return [dict(zip(("edits", "file", "truth", "read"), row, strict=True)) for row in sorted(rows, reverse=True)]
