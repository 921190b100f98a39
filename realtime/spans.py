"""When what was in view: from what was read in each frame to the spans of time in which each number was seen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Span(NamedTuple):
    """From when to when, in seconds; and for how many of them it was really seen, as there may be short gaps."""

    start: float
    end: float
    seen: float

    @property
    def share(self) -> float:
        """The share of the span in which it was seen."""
        return self.seen / max(self.end - self.start, 1e-9)


class Seen(NamedTuple):
    """A number, its highest confidence, and when it was seen, in order."""

    text: str
    confidence: float
    spans: tuple[Span, ...]

    @property
    def seconds(self) -> float:
        """For how long it was seen, in all."""
        return sum(span.seen for span in self.spans)


@dataclass(frozen=True, slots=True)
class SpanSettings:
    """What is one span, and what is none; in seconds.

    gap: a number gone for no longer than this, behind a hand or read otherwise, was there all the time.
    least: what is seen for less is a frame read wrong; of a clip that is hardly longer, half of it.
    share: what is seen in less of its span is so as well, again and again.
    """

    gap: float = 0.5
    least: float = 0.2
    share: float = 0.5


class Timeline(Generic[T]):
    """What was read, frame by frame, of which only the changes are kept: `moments` are (seconds, what), in order."""

    def __init__(self) -> None:
        self.moments: list[tuple[float, T]] = []
        self._last, self._step = -math.inf, 0.04

    def add(self, seconds: float, read: T) -> None:
        """Add what was read in the next frame."""
        if not self.moments or self.moments[-1][1] != read:
            self.moments.append((seconds, read))
        if seconds > self._last:
            self._step = seconds - self._last if math.isfinite(self._last) else self._step
            self._last = seconds

    @property
    def end(self) -> float:
        """When the last frame ends: it is shown as long as the one before it."""
        return self._last + self._step


def lasting(moments: Sequence[tuple[float, T]], end: float) -> list[tuple[float, float, T]]:
    """Return (from, to, what) of moments that each last until the next one, the last of them until `end`."""
    ends = [*(at for at, _ in moments[1:]), end][: len(moments)]
    return [(at, until, read) for (at, read), until in zip(moments, ends, strict=True)]


def find_spans(
    moments: Sequence[tuple[float, frozenset[str]]], end: float, settings: SpanSettings | None = None
) -> dict[str, tuple[Span, ...]]:
    """Return for each number the spans in which it was seen, those seen first in front.

    moments: from when on which numbers were in view, until the next moment; the last until `end`, in seconds.
    """
    settings = settings or SpanSettings()
    found: dict[str, list[Span]] = {}
    for start, until, texts in lasting(moments, end):
        for text in sorted(texts):
            found.setdefault(text, []).append(Span(start, until, until - start))
    least = min(settings.least, (end - moments[0][0]) / 2) if moments else 0.0
    kept = {text: _kept(_merged(spans, settings.gap), least, settings.share) for text, spans in found.items()}
    return {text: spans for text, spans in kept.items() if spans}


def _merged(spans: Iterable[Span], gap: float) -> list[Span]:
    """Return the spans, those with no more than `gap` between them as one."""
    merged: list[Span] = []
    for span in spans:
        if merged and span.start - merged[-1].end <= gap + 1e-9:
            merged[-1] = Span(merged[-1].start, span.end, merged[-1].seen + span.seen)
        else:
            merged.append(span)
    return merged


def _kept(spans: Iterable[Span], least: float, share: float) -> tuple[Span, ...]:
    return tuple(span for span in spans if span.seen >= least - 1e-9 and span.share >= share)


def summarize(
    moments: Sequence[tuple[float, frozenset[str]]],
    end: float,
    confidences: Mapping[str, float],
    settings: SpanSettings | None = None,
) -> tuple[Seen, ...]:
    """Return each number with its spans and its confidence of `confidences`, those seen first in front."""
    spans = find_spans(moments, end, settings)
    every = (Seen(text, confidences.get(text, 0.0), found) for text, found in spans.items())
    return tuple(sorted(every, key=lambda seen: (seen.spans[0].start, seen.text)))
