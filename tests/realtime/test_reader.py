from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.classifier import DEFAULT_MODEL, load_classifier
from models.contract import CONTRACT, LABELS, SIDE, ModelCard, normalize
from models.errors import ModelError
from realtime import open_reader
from realtime.attempt import Attempt, outside
from realtime.choosing import holds
from realtime.decode import Verdict
from realtime.ink import measured
from realtime.page import View
from realtime.reader import Reader
from realtime.settings import LIVE, THOROUGH, ReaderSettings
from realtime.values import Box
from tests.realtime.drawing import draw, paper, row_of
from tests.realtime.table import TABLES, on_table
from tests.realtime.verdicts import NO_INK, region, rows


class Fake:
    """Calls every ink the same digit, and remembers what it was asked."""

    card = ModelCard("fake", CONTRACT, LABELS, {})

    def __init__(self, label: int) -> None:
        self.label, self.shapes = label, list[tuple[int, ...]]()

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        self.shapes.append(digits.shape)
        assert digits.min() >= 0
        assert digits.max() <= 1
        return np.tile(np.eye(11, dtype=np.float32)[self.label], (len(digits), 1))


def test_one_call_reads_the_whole_picture() -> None:
    fake = Fake(4)
    reading = Reader(fake).read(row_of("01247")[0])
    assert reading.text == "44444"
    assert len(fake.shapes) == 1
    assert fake.shapes[0][0] >= 5
    assert fake.shapes[0][1:] == (SIDE, SIDE)


def test_a_blank_picture_calls_nothing() -> None:
    fake = Fake(4)
    assert Reader(fake).read(paper(200, 100)).lines == ()
    assert fake.shapes == []


@pytest.mark.parametrize(("share", "calls"), [(0.9, 1), (2.0, 2)])
def test_light_ink_is_not_looked_for_where_the_dark_is_settled(share: float, calls: int) -> None:
    page = row_of("01247")[0]
    page[:12, :] = 255  # lighter than the paper by far
    page[-40:, 60:] = 60
    page = draw(page, "4", Box(100, page.shape[0] - 36, 20, 32), pen=250)
    fake = Fake(4)
    assert Reader(fake, replace(LIVE, settled_share=share)).read(page).text.startswith("44444")
    assert len(fake.shapes) == calls


SIZES = [(h, w) for h in range(1, 8) for w in range(1, 8)] + [(1, 801), (2, 2000), (5000, 1), (1600, 1), (3, 900)]


@pytest.mark.parametrize("settings", [THOROUGH, LIVE], ids=["thorough", "live"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_pictures_of_any_size_are_read(size: tuple[int, int], settings: ReaderSettings) -> None:
    rng = np.random.default_rng(5)
    for shape in (size, (*size, 3)):
        noise = rng.integers(0, 256, shape).astype(np.uint8)
        assert Reader(Fake(10), settings).read(noise).lines == ()


@pytest.mark.parametrize("scale", [0.5, 1, 3, 7])
def test_boxes_are_in_the_pictures_own_pixels(scale: float) -> None:
    page, boxes = row_of("0247", height=64, width=5)
    picture = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    digits = Reader(Fake(4)).read(np.asarray(picture, np.uint8)).digits
    slack = 5 * scale + 2
    for digit, box in zip(digits, boxes, strict=True):
        assert digit.box.x == pytest.approx(box.x * scale, abs=slack)
        assert digit.box.bottom == pytest.approx(box.bottom * scale, abs=slack)


def test_what_is_no_digit_is_told_with_its_place() -> None:
    reading = Reader(Fake(10)).read(draw(paper(200, 120), "4", Box(60, 30, 40, 60)))
    assert reading.lines == ()
    (rejected,) = reading.rejected
    assert rejected.reason == "not a digit"
    assert rejected.box.x == pytest.approx(60, abs=4)


def test_gray_and_colour_read_the_same() -> None:
    page, _ = row_of("0247")
    reader = Reader(Fake(4))
    assert reader.read(page) == reader.read(np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), np.uint8))


def test_a_point_in_a_number_is_told() -> None:
    page, boxes = row_of("24", height=64, width=5)
    cv2.circle(page, (boxes[0].right + 12, boxes[0].bottom - 2), 4, 40, -1, cv2.LINE_AA)
    (number,) = Reader(Fake(4)).read(page).numbers
    assert "mark between digits" in number.reasons


class Sideways:
    """Knows one shape, a 7 lying on its side, and calls all else no digit: turned clockwise it is upright."""

    card = ModelCard("fake", CONTRACT, LABELS, {})

    def __init__(self) -> None:
        self.calls = 0
        seven = draw(paper(100, 140), "7", Box(30, 30, 40, 80), width=6)
        self.upright = normalize(255 - np.where(seven < 150, 0, 255).astype(np.uint8))

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        self.calls += 1
        rows = np.zeros((len(digits), 11), np.float32)
        for row, digit in zip(rows, digits, strict=True):
            row[7 if (np.abs(digit - self.upright).mean() < 0.06) else 10] = 1
        return rows


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_is_turned_as_a_whole(quarters: int) -> None:
    page, boxes = row_of("7777", height=64, width=5)
    lying = np.ascontiguousarray(np.rot90(page, quarters))
    fake = Sideways()
    reading = Reader(fake).read(lying)
    assert reading.text == "7777"
    assert fake.calls <= 5
    upright = [d.box for d in Reader(fake).read(page).digits]
    assert [b.h for b in upright] == pytest.approx([b.h for b in boxes], abs=10)
    sides = {tuple(sorted(d.box[2:])) for d in reading.digits}
    assert sides == {tuple(sorted(b[2:])) for b in upright}
    assert reading.size == lying.shape[::-1]


def test_where_a_sheet_holds_nothing_the_whole_picture_is_read() -> None:
    table = paper(900, 600, 150)
    table[60:260, 80:380] = 235
    table = draw(draw(table, "4", Box(500, 330, 60, 96), width=7), "7", Box(590, 330, 60, 96), width=7)
    for settings in (THOROUGH, LIVE):
        assert Reader(Fake(4), settings).read(table).text == "44"


def test_the_live_setting_asks_about_fewer_regions() -> None:
    page, _ = row_of("0247024", height=80, width=5)
    asked = {}
    for name, settings in (("live", LIVE), ("thorough", THOROUGH)):
        fake = Fake(4)
        assert Reader(fake, settings).read(page).text == "4444444"
        asked[name] = sum(shape[0] for shape in fake.shapes)
    assert asked["live"] <= asked["thorough"]


def test_small_digits_are_looked_at_more_closely() -> None:
    page, boxes = row_of("0247", height=64, width=5)
    wide = np.full((2000, 3200), 230, np.uint8)
    wide[900 : 900 + page.shape[0], 1400 : 1400 + page.shape[1]] = page
    near, far = Fake(4), Fake(4)
    digits = Reader(near).read(wide).digits
    Reader(far, replace(THOROUGH, small=0)).read(wide)
    assert len(near.shapes) > len(far.shapes)
    for digit, box in zip(digits, boxes, strict=True):
        assert digit.box.x == pytest.approx(box.x + 1400, abs=7)
        assert digit.box.bottom == pytest.approx(box.bottom + 900, abs=7)


@pytest.mark.parametrize(
    ("picture", "fault", "says"),
    [
        (None, TypeError, "was the file not found"),
        ("sheet.jpg", TypeError, "not str"),
        (np.zeros((9, 9), np.float32), TypeError, "not float32"),
        (np.zeros((0, 0, 3), np.uint8), ValueError, r"not \(0, 0, 3\)"),
        (np.zeros((9, 9, 4), np.uint8), ValueError, r"not \(9, 9, 4\)"),
        (np.zeros(9, np.uint8), ValueError, r"not \(9,\)"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_remedy(picture: Any, fault: type[Exception], says: str) -> None:
    with pytest.raises(fault, match=says):
        Reader(Fake(4)).read(picture)


def test_a_long_stroke_that_could_be_a_ruled_line_is_read_as_ink_too() -> None:
    page = paper(120, 160)
    strokes = [(40, 30), (62, 5)], [(62, 4), (60, 155)], [(20, 150), (100, 152)]
    cv2.polylines(page, [np.array(stroke) for stroke in strokes], False, 40, 3, cv2.LINE_AA)
    fake = Sideways()
    fake.upright = normalize(255 - page)
    (digit,) = Reader(fake).read(page).digits
    assert digit.box.h > 140


class Rising(Fake):
    """Grows surer with every call."""

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = super().__call__(digits)
        rows[:, 10] += 0.1 / len(self.shapes)
        return np.asarray(rows / rows.sum(axis=1, keepdims=True), np.float32)


def attempted(*boxes: Box) -> Attempt:
    """Return an attempt in which all of these boxes are digits."""
    regions = [replace(region(0), box=box) for box in boxes]
    verdicts = [Verdict(i, 1, 0.95) for i in range(len(boxes))]
    ink = measured(NO_INK, NO_INK)
    return Attempt(View(NO_INK, np.eye(3)), ink, regions, rows(*[(1, 0.95)] * len(boxes)), verdicts, verdicts)


@pytest.mark.parametrize(
    ("left", "held"),
    [
        ([Box(12, 40, 8, 12), Box(14, 90, 8, 27)], True),  # what is left of it
        ([Box(12, 40, 8, 12), Box(90, 90, 8, 27)], False),  # a digit beside the line
        ([Box(12, 40, 8, 90)], False),  # as large as a digit
        ([], False),
    ],
)
def test_a_large_one_that_was_taken_for_a_line_holds_what_is_left_of_it(left: list[Box], held: bool) -> None:
    assert holds(attempted(Box(10, 20, 70, 166)), attempted(*left)) is held


def test_leaning_lines_are_levelled_and_read_again() -> None:
    page, _ = row_of("2472", height=48, gap=40, width=4)
    h, w = page.shape
    lean = cv2.getRotationMatrix2D((w / 2, h / 2), -12, 1)
    leaning = np.asarray(cv2.warpAffine(page, lean, (w, h), borderValue=(230,)), np.uint8)
    reading, attempt = Reader(Rising(4), replace(THOROUGH, turning=False)).inspect(leaning)
    assert reading.text == "4444"
    (across, down) = attempt.view.to_picture[:2, 0]
    assert np.degrees(np.arctan2(down, across)) == pytest.approx(12, abs=2)


@pytest.mark.parametrize(("lean", "reasons"), [(24, ("a 1 that may be a slash",)), (4, ())])
def test_a_stroke_that_may_be_a_slash_is_never_a_one_in_silence(lean: int, reasons: tuple[str, ...]) -> None:
    page = paper(330, 160)
    for box in (Box(40, 50, 30, 48), Box(90, 50, 30, 48), Box(210, 50, 30, 48)):
        page = draw(page, "2", box)
    cv2.line(page, (165 + lean // 2, 48), (165 - lean // 2, 100), 40, 3, cv2.LINE_AA)
    (line,) = Reader(Fake(1)).read(page).lines
    assert {reason for number in line.numbers for reason in number.reasons} == set(reasons)
    assert all((number.status == "review") == bool(reasons) for number in line.numbers if len(number.digits) > 1)


class Bars(Fake):
    """Calls narrow ink a 1, and all else the digit it was given."""

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = super().__call__(digits)
        narrow = np.ptp([np.flatnonzero(digit.sum(axis=0) > 1)[[0, -1]] for digit in digits], axis=1) < 8
        rows[narrow] = np.eye(11, dtype=np.float32)[1]
        return rows


@pytest.mark.parametrize("left", [0, 1, 3])
def test_a_one_at_the_side_of_a_tight_picture_is_read(left: int) -> None:
    page = paper(200, 80)
    cv2.line(page, (left + 1, 16), (left + 1, 64), 40, 3, cv2.LINE_AA)
    for i, shape in enumerate("472"):
        page = draw(page, shape, Box(25 + 50 * i, 16, 34, 48))
    assert Reader(Bars(4)).read(page).text.replace(" ", "") == "1444"


def test_what_the_reader_is_told_is_weighted_by_how_often_ink_is_no_digit() -> None:
    class Unsure(Fake):
        def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
            rows = super().__call__(digits) * np.float32(0.8)
            rows[:, 10] = 0.2
            return rows

    page = row_of("247")[0]
    assert Reader(Unsure(4), replace(THOROUGH, foreign_ink=1.0)).read(page).text == "444"
    (digit, *_) = Reader(Unsure(4), replace(THOROUGH, foreign_ink=2.0)).read(page).digits
    assert digit.confidence == pytest.approx(0.8 / (0.8 + 2 * 0.2), abs=1e-3)
    assert Reader(Unsure(4), replace(THOROUGH, foreign_ink=8.0)).read(page).text == ""


def test_a_doubtful_digit_is_read_as_the_digits_it_looks_like_on_its_page() -> None:
    class Doubtful(Fake):
        """Takes bold ink for a 1, by a little, and all else for a 7."""

        def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
            rows = super().__call__(digits)
            bold = digits.sum(axis=(1, 2)) > 90
            rows[bold] = np.array([0, 0.5, 0, 0, 0, 0, 0, 0.45, 0, 0, 0.05], np.float32)
            return rows

    page, boxes = row_of("7777")
    page = draw(page, "7", boxes[-1], width=9)
    alone = draw(paper(160, 160), "7", Box(60, 50, 30, 48), width=9)
    assert Reader(Doubtful(7)).read(alone).text == "1"
    assert Reader(Doubtful(7)).read(page).text.replace(" ", "") == "7777"


NOTES = (
    np.array([(60, 50), (330, 80), (310, 250), (40, 220)], np.float32),
    np.array([(450, 60), (740, 30), (760, 210), (470, 240)], np.float32),
)


def two_notes(second: str = "24") -> NDArray[np.uint8]:
    """Return two notes on a table, one with three digits and one with as many as asked for."""
    first, other = (
        np.asarray(cv2.cvtColor(row_of(shapes, height=64)[0], cv2.COLOR_GRAY2BGR), np.uint8)
        for shapes in ("724", second)
    )
    return on_table(NOTES[1], on_table(NOTES[0], TABLES["dark"], page=first), page=other)


@pytest.mark.parametrize("settings", [THOROUGH, LIVE], ids=["thorough", "live"])
def test_every_note_on_a_table_is_read_by_itself_in_reading_order(settings: ReaderSettings) -> None:
    reading = Reader(load_classifier(DEFAULT_MODEL), settings).read(two_notes())
    assert reading.text == "724\n24"
    assert all(digit.box.right < 340 for digit in reading.lines[0].numbers[0].digits)
    assert all(digit.box.x > 440 for digit in reading.lines[1].numbers[0].digits)


def test_attempts_at_several_notes_are_laid_together_over_the_picture() -> None:
    picture = two_notes()
    reading, attempt = Reader(Fake(4)).inspect(picture)
    assert attempt.view.image.shape == picture.shape
    found = sorted(attempt.regions[v.region].box for v in attempt.digits)
    for digit, box in zip(sorted(d.box for d in reading.digits), found, strict=True):
        assert box == pytest.approx(digit, abs=1)
        x, y = (round(v) for v in box.centre)
        assert attempt.ink.contrast[y - 20 : y + 20, x - 10 : x + 10].max() > 100
    assert attempt.ink.contrast[300:, :].max() == 0
    assert all(region.parent < i for i, region in enumerate(attempt.regions))


@pytest.mark.parametrize("settings", [THOROUGH, LIVE], ids=["thorough", "live"])
def test_digits_beside_the_notes_are_read_too_if_there_are_enough(settings: ReaderSettings) -> None:
    table = np.full((600, 800, 3), 140, np.uint8)
    for i in range(4):
        table[:] = draw(table, "2", Box(200 + 60 * i, 420, 40, 64), pen=20, width=5)
    notes = [np.asarray(cv2.cvtColor(row_of("724", height=64)[0], cv2.COLOR_GRAY2BGR), np.uint8) for _ in NOTES]
    picture = on_table(NOTES[1], on_table(NOTES[0], table, page=notes[0]), page=notes[1])
    assert Reader(load_classifier(DEFAULT_MODEL), settings).read(picture).text == "724\n724\n2222"


def test_small_digits_of_a_frame_are_read() -> None:
    height = 12
    frame = np.full((720, 1280, 3), 225, np.uint8)
    for i, shape in enumerate("7242474"):
        frame[:] = draw(frame, shape, Box(300 + 2 * height * i, 300, round(0.7 * height), height), pen=30, width=2)
    classifier = load_classifier(DEFAULT_MODEL)
    assert Reader(classifier, LIVE).read(frame).text.replace(" ", "") == "7242474"
    assert Reader(classifier, replace(LIVE, small=0)).read(frame).text.replace(" ", "") != "7242474"


def test_what_lies_on_a_sheet_is_not_read_again_beside_it() -> None:
    attempt = attempted(Box(10, 10, 10, 20), Box(100, 10, 10, 20))
    left = outside(attempt, [np.array([(0, 0), (50, 0), (50, 50), (0, 50)], np.float32)])
    assert [v.region for v in left.verdicts] == [v.region for v in left.raw] == [1]


def test_fewer_errors_are_had_by_more_reviews() -> None:
    strict, usual = open_reader(target_error=0.003), open_reader()
    assert strict.settings.layout.target > usual.settings.layout.target
    assert open_reader(live=True, target_error=0.003).settings.layout.target == strict.settings.layout.target
    assert open_reader(target_error=0).settings.layout.target > strict.settings.layout.target
    with pytest.raises(ModelError, match="no confidence has so few errors as -1; ask for 0"):
        open_reader(target_error=-1)


def test_a_digit_of_touching_ink_is_only_as_sure_as_its_label_and_its_cut() -> None:
    page = paper(480, 180)
    for shape, x in zip("24747", (40, 130, 220, 310, 352), strict=True):  # the last two touch
        page = draw(page, shape, Box(x, 50, 50, 80), width=6)
    reading, attempt = open_reader().inspect(page)
    assert reading.text == "24747"
    verdicts = sorted(attempt.digits, key=lambda v: attempt.regions[v.region].box.x)
    assert [v.blot >= 0 for v in verdicts] == [False, False, False, True, True]
    for digit, verdict in zip(reading.digits, verdicts, strict=True):
        power = 2 if verdict.blot >= 0 else 1
        assert digit.confidence == pytest.approx(verdict.probability**power)
        assert sum(digit.probabilities) == pytest.approx(1, abs=1e-5)
        assert int(np.argmax(digit.probabilities[:10])) == int(digit.label)


def test_a_digit_beside_blank_sheets_is_read() -> None:
    table = paper(900, 700, 140)
    table[60:300, 80:380] = table[400:640, 500:820] = 235
    page = draw(table, "7", Box(560, 100, 75, 120), pen=30, width=9)
    assert open_reader().read(page).text == "7"
