"""When each number was seen: gaps closed, flickers left out, times to the frame."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.spans import Span, SpanSettings, Timeline, find_spans, lasting, summarize

FPS = 25


def watched(frames: list[set[str]], fps: float = FPS) -> Timeline[frozenset[str]]:
    view = Timeline[frozenset[str]]()
    for i, texts in enumerate(frames):
        view.add(i / fps, frozenset(texts))
    return view


def found(frames: list[set[str]], fps: float = FPS) -> dict[str, list[tuple[float, float]]]:
    view = watched(frames, fps)
    return {
        text: [(round(span.start, 3), round(span.end, 3)) for span in spans]
        for text, spans in find_spans(view.moments, view.end).items()
    }


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([], {}),
        ([set()] * 50, {}),
        ([{"7"}], {"7": [(0.0, 0.04)]}),
        ([{"7"}] * 50, {"7": [(0.0, 2.0)]}),
        ([{"7"}] * 25 + [{"7", "12"}] * 25, {"7": [(0.0, 2.0)], "12": [(1.0, 2.0)]}),
        ([{"7"}] * 25 + [set()] * 25 + [{"7"}] * 25, {"7": [(0.0, 1.0), (2.0, 3.0)]}),
    ],
    ids=["nothing", "bare", "one frame", "all along", "another later", "twice"],
)
def test_spans_are_from_the_first_frame_to_the_end_of_the_last(
    frames: list[set[str]], expected: dict[str, list[tuple[float, float]]]
) -> None:
    assert found(frames) == expected


def test_a_short_gap_is_none() -> None:
    assert found([{"7"}] * 25 + [set()] * 12 + [{"7"}] * 25) == {"7": [(0.0, 2.48)]}


@pytest.mark.parametrize("fps", [5, 15, 25, 30, 120])
def test_one_frame_read_wrong_is_neither_a_number_nor_a_gap(fps: int) -> None:
    frames = [{"14"}] * (2 * fps) + [{"19"}] + [{"14"}] * (2 * fps)
    if fps > 5:  # at five a second one frame is as long as one can look at it
        assert list(found(frames, fps)) == ["14"]
    ((start, end),) = found(frames, fps)["14"]
    assert (start, end) == pytest.approx((0.0, (4 * fps + 1) / fps), abs=0.001)


def test_what_flickers_again_and_again_is_left_out() -> None:
    frames = [{"14"}, {"14"}, {"19"}] * 100
    assert found(frames) == {"14": [(0.0, 12.0 - 0.04)]}


def test_a_number_on_each_picture_of_a_slow_show_is_seen() -> None:
    assert found([{"1"}, {"2"}, {"3"}], fps=0.5) == {"1": [(0.0, 2.0)], "2": [(2.0, 4.0)], "3": [(4.0, 6.0)]}


def test_of_a_clip_of_a_few_frames_half_is_enough() -> None:
    assert found([{"7"}] * 4) == {"7": [(0.0, 0.16)]}
    assert found([{"7"}] * 3 + [{"9"}]) == {"7": [(0.0, 0.12)]}


@given(st.lists(st.sets(st.sampled_from(["1", "22", "333"])), min_size=1, max_size=80))
def test_spans_lie_in_the_clip_one_after_the_other(frames: list[set[str]]) -> None:
    view, settings = watched(frames), SpanSettings()
    for text, spans in find_spans(view.moments, view.end, settings).items():
        assert all(0 <= span.start < span.end <= view.end + 1e-9 for span in spans)
        assert all(b.start - a.end > settings.gap for a, b in pairwise(spans))
        assert sum(span.seen for span in spans) <= sum(text in shown for shown in frames) / FPS + 1e-6


def test_numbers_come_in_the_order_in_which_they_were_seen() -> None:
    view = watched([{"9"}] * 25 + [{"9", "8", "10"}] * 25)
    seen = summarize(view.moments, view.end, {"9": 0.9, "8": 0.8, "10": 0.7})
    assert [(each.text, each.confidence) for each in seen] == [("9", 0.9), ("10", 0.7), ("8", 0.8)]
    assert seen[0].seconds == pytest.approx(2.0)
    assert seen[1].spans[0] == pytest.approx(Span(1.0, 2.0, 1.0))


def test_a_timeline_keeps_only_changes_and_knows_its_end() -> None:
    line = Timeline[str]()
    for at, read in [(10.0, "a"), (10.5, "a"), (11.0, "b"), (11.0, "b"), (12.0, "b")]:
        line.add(at, read)
    assert line.moments == [(10.0, "a"), (11.0, "b")]
    assert line.end == 13.0
    assert lasting(line.moments, line.end) == [(10.0, 11.0, "a"), (11.0, 13.0, "b")]
    one = Timeline[str]()
    one.add(10.0, "a")
    assert one.end == pytest.approx(10.04)
