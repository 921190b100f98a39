"""Summaries and subtitles: what they say, that other programs can read them, and that no half file is left."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from models.errors import OutputError, UsageError
from realtime.digest import subtitles, summary
from realtime.pipeline import Sink
from realtime.spans import Seen, Span
from realtime.summary import as_csv, as_json, as_srt, as_table
from realtime.values import Event, Frame, Scene
from tests.realtime.making import picture, reading

SEEN = (
    Seen("4071", 0.987, (Span(0.0, 8.32, 8.0), Span(3671.5, 3672.0, 0.5))),
    Seen("9", 0.5, (Span(1.0, 2.0, 1.0),)),
)


def told(sink: Sink) -> None:
    """Bring a second of "12", half a second of nothing and a second of "7" to a sink."""
    for i in range(25):
        texts = ["12"] if i < 10 else [] if i < 15 else ["7"]
        sink(Scene(Frame(picture(), i, 5 + i / 10, "a.mp4"), reading(*texts)))
    sink(Event(7.6, "camera lost"))


def test_the_json_of_a_summary_says_all() -> None:
    told = json.loads(as_json(SEEN, {"uri": "a.mp4"}))
    assert told["schema"] == "digits.summary/1"
    assert told["source"] == {"uri": "a.mp4"}
    assert told["numbers"][0] == {
        "text": "4071",
        "confidence": 0.987,
        "seen_s": 8.5,
        "spans": [{"from_s": 0.0, "to_s": 8.32}, {"from_s": 3671.5, "to_s": 3672.0}],
    }
    assert json.loads(as_json((), {}))["numbers"] == []


def test_the_csv_of_a_summary_has_a_row_for_each_span() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(SEEN))))
    assert [row["number"] for row in rows] == ["4071", "4071", "9"]
    assert rows[0] == {"number": "4071", "from_s": "0.000", "to_s": "8.320", "confidence": "0.9870"}
    assert as_csv(()) == "number,from_s,to_s,confidence\n"


def test_the_table_of_a_summary_is_for_people() -> None:
    assert as_table(SEEN).splitlines() == [
        "number        from          to  confidence",
        "4071       0:00.00     0:08.32         98%",
        "        1:01:11.50  1:01:12.00",
        "9          0:01.00     0:02.00         50%",
    ]
    assert as_table(()) == "no numbers\n"


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.json", "{"), ("a.csv", "number,from_s"), ("a.txt", "number        from"), ("A.JSON", "{")],
)
def test_a_summary_is_written_whole_in_the_form_its_suffix_names(name: str, begins: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with summary(str(path), {"uri": "a.mp4"}) as sink:
        told(sink)
        assert not path.exists()
    assert path.read_text().startswith(begins)
    assert "12" in path.read_text()
    assert list(tmp_path.iterdir()) == [path]


def test_a_summary_to_stdout_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    with summary("-", {}) as sink:
        told(sink)
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["number", "from", "to", "confidence"],
        ["12", "0:05.00", "0:06.00", "94%"],
        ["7", "0:06.50", "0:07.50", "97%"],
    ]


def test_subtitles_are_what_players_read(tmp_path: Path) -> None:
    import av

    path = tmp_path / "a.srt"
    with subtitles(path) as sink:
        told(sink)
    assert path.read_text() == ("1\n00:00:05,000 --> 00:00:06,000\n12\n\n2\n00:00:06,500 --> 00:00:07,500\n7\n")
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        packets = [p for p in container.demux(stream) if p.pts is not None]
        base = packets[0].time_base
        assert [(float((p.pts or 0) * base), float((p.duration or 0) * base)) for p in packets] == [
            (5.0, 1.0),
            (6.5, 1.0),
        ]
        assert [bytes(p).decode() for p in packets] == ["12", "7"]


def test_stamps_go_beyond_an_hour_and_lines_stand_one_under_the_other() -> None:
    assert as_srt([(3723.0014, "1\n2")], 3724.9996) == "1\n01:02:03,001 --> 01:02:05,000\n1\n2\n"
    assert as_srt([], 0.0) == ""
    assert as_srt([(1.0, ""), (2.0, "5"), (2.0001, "")], 3.0) == "", "shorter than its times can tell"


def test_a_name_that_tells_no_form_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.xml: names no form; give it a name in \.json"):
        summary(str(tmp_path / "a.xml"), {}).__enter__()
    with pytest.raises(UsageError, match=r"a\.txt: the subtitles are SubRip; give it a name in \.srt"):
        subtitles(tmp_path / "a.txt").__enter__()


@pytest.mark.parametrize("fault", [OutputError, KeyboardInterrupt])
def test_an_error_leaves_no_half_file(fault: type[BaseException], tmp_path: Path) -> None:
    def fails() -> None:
        with summary(str(tmp_path / "a.json"), {}) as first, subtitles(tmp_path / "a.srt") as second:
            told(first)
            told(second)
            raise fault

    with pytest.raises(fault):
        fails()
    assert list(tmp_path.iterdir()) == []
