"""The live window without its glass: keys in, pictures and files out, with the real reader."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from realtime import open_reader
from realtime.controls import ESCAPE
from realtime.keeping import Keeper, Places
from realtime.overlay import ACCEPTED, REVIEW
from realtime.pipeline import Item
from realtime.reader import Reader
from realtime.roi import RoiReader, parse_roi
from realtime.values import Event, Frame, Scene
from realtime.viewer import About, Viewer
from tests.realtime.making import MODEL, Picture, sheet
from tests.realtime.test_overlay import has

WINDOW = (640, 480)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(live=True)


class Session:
    """A viewer in a window, its clock in our hands."""

    def __init__(self, reader: Reader, folder: Path, roi: str | None = None) -> None:
        self.now, self.index = 100.0, 0
        self.roi_reader = RoiReader(reader, parse_roi(roi) if roi else None, frames=True)
        keeper = Keeper(Places(folder / "snapshots", folder / "corrections"), MODEL)
        about = About("camera 0", "digits-cnn", lambda: 0.021)
        self.viewer = Viewer(about, self.roi_reader, keeper, lambda: self.now)

    def see(self, image: Picture | None = None) -> Scene:
        shown = sheet() if image is None else image
        frame = Frame(shown, self.index, self.index / 25, "camera:0", grabbed=self.now - 0.03)
        scene = Scene(frame, self.roi_reader.read(shown))
        self.take(scene)
        self.index += 1
        return scene

    def take(self, item: Item) -> None:
        self.now += 0.04
        self.viewer.take(item)

    def keys(self, keys: str) -> None:
        for key in keys:
            self.viewer.press(ESCAPE if key == "\x1b" else ord(key))

    def picture(self, window: tuple[int, int] = WINDOW) -> Picture:
        """Return what is shown, drawn anew."""
        self.viewer.picture((1, 1))
        shown = self.viewer.picture(window)
        assert shown is not None
        return shown


@pytest.fixture
def session(reader: Reader, tmp_path: Path) -> Session:
    return Session(reader, tmp_path)


def differ(a: Picture, b: Picture) -> float:
    """Return the share of pixels that differ below the bar of figures."""
    return float((np.abs(a[30:].astype(int) - b[30:]) > 8).any(axis=2).mean())


def test_before_the_first_picture_the_window_says_what_it_waits_for(session: Session) -> None:
    waiting = session.picture()
    assert waiting.shape == (480, 640, 3)
    assert waiting[220:260].max() > 240
    session.keys("hmt sfgue+-cv")  # nothing to look into yet, and nothing breaks
    assert session.picture().shape == (480, 640, 3)
    session.see()
    assert differ(session.picture(), waiting) > 0.5


@pytest.mark.parametrize("window", [(1, 1), (90, 60), (320, 200), (640, 480), (1280, 720), (1920, 1080)])
def test_any_window_can_be_drawn(window: tuple[int, int], session: Session) -> None:
    session.see()
    session.keys("hetf")
    assert session.viewer.picture(window) is not None
    session.take(Event(1.0, "camera lost", 3))
    shown = session.viewer.picture(window)
    assert shown is not None
    assert shown.shape == (max(48, window[1]), max(64, window[0]), 3)


@pytest.mark.parametrize("key", [*"hetmg+", " ", "f"])
def test_a_key_changes_what_is_seen(key: str, session: Session) -> None:
    session.see()
    before = session.picture()
    session.keys(key)
    assert differ(session.picture(), before) > 0.01


def test_nothing_is_drawn_where_nothing_changed(session: Session) -> None:
    session.see()
    assert session.viewer.picture(WINDOW) is not None
    assert session.viewer.picture(WINDOW) is None
    session.viewer.point("move", (3, 3))
    assert session.viewer.picture(WINDOW) is not None
    session.see()
    assert session.viewer.picture(WINDOW) is not None


def test_numbers_less_sure_than_asked_for_are_shown_as_for_review(session: Session) -> None:
    scene = session.see()
    assert has(ACCEPTED, session.picture())
    session.keys("c" * 20)
    shown = session.picture()
    assert has(REVIEW, shown) == (min(n.confidence for n in scene.reading.numbers) < 0.99)
    assert has(REVIEW, shown)


def test_a_camera_lost_dims_the_picture_until_it_is_back(session: Session) -> None:
    session.see()
    seen = session.picture()
    session.take(Event(1.0, "camera lost"))
    lost = session.picture()
    assert lost.mean() < 0.6 * seen.mean()
    assert session.viewer._screen().lost == "camera lost, trying again"
    session.take(Event(1.5, "camera lost", 3, is_news=False))
    assert session.viewer._screen().lost == "camera lost, trying again (3)"
    session.take(Event(1.6, "waiting", is_news=False))
    assert session.viewer._screen().lost == "camera lost, trying again (3)"
    session.keys("m")  # keys work meanwhile
    assert session.viewer.state.mirror
    session.keys("m")
    session.take(Event(2.0, "camera back"))
    assert differ(session.picture(), seen) == 0
    session.take(Event(2.1, "camera lost", 1))
    session.see()
    assert differ(session.picture(), seen) == 0


def test_the_age_of_a_frame_is_taken_when_it_is_drawn(session: Session) -> None:
    session.see()
    session.now += 1.0
    assert session.viewer._figures().age == pytest.approx(1.07)


def boxes_of(texts: Sequence[str], scene: Scene) -> list[tuple[float, float]]:
    return [digit.box.centre for text in texts for digit in scene.reading.digits if digit.label == text]


def test_a_digit_is_corrected_by_a_click_and_a_key(session: Session, tmp_path: Path) -> None:
    scene = session.see()
    (seven,) = boxes_of(["7"], scene)
    session.picture()
    session.keys("f")
    session.viewer.point("down", seven)
    session.keys("1")
    shown = session.picture()
    (line,) = (tmp_path / "corrections" / "corrections.jsonl").read_text().splitlines()
    kept = json.loads(line)
    assert (kept["label"], kept["read"]) == ("1", "7")
    assert (tmp_path / "corrections" / kept["ink"]).is_file()
    session.keys("u")
    assert (tmp_path / "corrections" / "corrections.jsonl").read_text() == ""
    assert differ(session.picture(), shown) > 0


def test_a_correction_that_cannot_be_kept_is_not_shown_as_kept(session: Session, tmp_path: Path) -> None:
    (tmp_path / "corrections").write_text("a file, no folder")
    scene = session.see()
    session.picture()
    session.keys("f")
    session.viewer.point("down", boxes_of(["7"], scene)[0])
    session.keys("1")
    assert session.viewer.state.corrections == ()
    assert "cannot be made a folder" in session.viewer._screen().notice
    assert not session.viewer.ended


def test_a_dragged_region_is_what_is_read_from_then_on(session: Session) -> None:
    assert [n.text for n in session.see().reading.numbers] == ["147"]
    session.picture()
    session.keys("g")
    session.viewer.point("down", (250, 30))
    session.viewer.point("move", (300, 100))
    session.picture()
    session.viewer.point("up", (420, 250))
    inner = session.see()
    assert [n.text for n in inner.reading.numbers] == ["7"]
    assert abs(inner.reading.digits[0].box.x - 290) < 8
    dark = session.picture()
    assert dark[300, 500].max() < 180  # outside
    assert dark[240, 400].min() > 200  # inside
    session.keys("g")
    assert [n.text for n in session.see().reading.numbers] == ["147"]


def test_a_region_given_beforehand_is_shown_and_can_be_left(reader: Reader, tmp_path: Path) -> None:
    session = Session(reader, tmp_path, "40%,0,60%,60%")
    assert [n.text for n in session.see().reading.numbers] == ["7"]
    assert session.viewer.state.roi is not None
    session.keys("\x1b")
    assert not session.viewer.ended
    assert [n.text for n in session.see().reading.numbers] == ["147"]


def test_ink_and_pieces_lie_where_the_picture_has_them_also_in_a_region(reader: Reader, tmp_path: Path) -> None:
    session = Session(reader, tmp_path, "240,40,160,200")
    scene = session.see()
    session.keys("t")
    ink = session.picture()
    box = scene.reading.digits[0].box
    dark = ink[box.y : box.bottom, box.x : box.right].max(axis=2) < 120
    assert dark.any()
    assert ink[100:200, 30:200].min() > 60  # the 1 and the 4 are not looked at
    piece = next(p for p in session.viewer._screen().pieces if not p.reason)
    assert piece.box == box


def test_a_snapshot_and_a_recording_by_keys(session: Session, tmp_path: Path) -> None:
    session.see()
    session.keys("sr")
    session.see()
    session.see()
    with_dot = session.picture()
    session.viewer.close()
    names = sorted(path.suffix for path in (tmp_path / "snapshots").iterdir())
    assert names == [".json", ".mp4", ".png", ".png"]
    assert (with_dot[:40, :, 2].astype(int) - with_dot[:40, :, 1] > 120).any()  # red
    without = session.picture()
    assert not (without[:40, :, 2].astype(int) - without[:40, :, 1] > 120).any()


def test_a_notice_goes_away(session: Session) -> None:
    session.see()
    session.keys("s")
    assert session.viewer._screen().notice.startswith("kept ")
    session.now += 10
    assert session.viewer._screen().notice == ""


def test_a_picture_of_another_size_is_shown(session: Session) -> None:
    session.see()
    session.keys("++")
    scene = session.see(np.ascontiguousarray(sheet()[:240, :400]))
    assert scene.reading.size == (400, 240)
    assert session.picture().shape == (480, 640, 3)


def test_q_ends_it_whatever_is_open(session: Session) -> None:
    session.see()
    session.keys("htfeg ")
    assert session.viewer.state.holds
    session.keys("q")
    assert session.viewer.ended


def test_explaining_tells_of_the_digit_under_the_mouse_or_the_least_sure(session: Session) -> None:
    scene = session.see()
    session.picture()
    session.keys("e")
    least = session.picture()
    others = []
    for at in (d.box.centre for d in scene.reading.digits):
        session.viewer.point("move", at)
        others.append(session.picture())
    assert len({other.tobytes() for other in others}) == 3
    assert any(differ(least, other) == 0 for other in others)


def test_state_of_a_viewer_is_one_value(session: Session) -> None:
    before = session.viewer.state
    session.keys("m")
    assert session.viewer.state == replace(before, mirror=True)
