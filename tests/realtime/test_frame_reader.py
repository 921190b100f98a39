"""Frames are read whichever way up their page lies, and trying takes time only now and then."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.classifier import Classifier
from models.contract import CONTRACT, LABELS, ModelCard
from realtime import open_reader
from realtime.frame_reader import SELDOM, FrameReader
from realtime.page import View, in_picture, quarters_of, turn
from realtime.reader import Reader
from realtime.settings import LIVE
from realtime.values import Box
from tests.realtime.drawing import paper, row_of

PAGE, BOXES = row_of("24747", height=80, gap=40, width=6)


class Counting:
    """A classifier that remembers how many digits it was asked about since it was looked at last."""

    card = ModelCard("counting", CONTRACT, LABELS, {})

    def __init__(self, real: Classifier | None = None) -> None:
        self._real, self._asked = real, 0

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        self._asked += len(digits)
        return self._real(digits) if self._real else np.tile(np.eye(11, dtype=np.float32)[-1], (len(digits), 1))

    def asked(self) -> int:
        """Return it, and start anew."""
        count, self._asked = self._asked, 0
        return count


def lying(quarters: int) -> NDArray[np.uint8]:
    """Return the page turned anticlockwise: turned clockwise by as much it is upright."""
    return np.ascontiguousarray(np.rot90(PAGE, quarters))


def centre(box: Box, quarters: int) -> tuple[float, float]:
    """Return where the middle of a box of the page is on the page that lies."""
    x, y = box.centre
    height, width = PAGE.shape[:2]
    return [(x, y), (y, width - x), (width - x, height - y), (height - y, x)][quarters]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_is_read_whichever_way_up_it_lies(quarters: int) -> None:
    reader, frame = FrameReader(open_reader(live=True)), lying(quarters)
    for _ in range(3):
        reading = reader.read(frame)
        assert reading.text.replace(" ", "") == "24747"
        assert reading.size == (frame.shape[1], frame.shape[0])
        for digit, box in zip(reading.digits, BOXES, strict=True):
            assert digit.box.centre == pytest.approx(centre(box, quarters), abs=8)
            sides = (box.h, box.w) if quarters % 2 else (box.w, box.h)
            assert (digit.box.w, digit.box.h) == pytest.approx(sides, abs=14)


def test_a_page_that_lies_on_its_side_takes_no_more_than_an_upright_one() -> None:
    fake = Counting(open_reader(live=True)._classifier)
    reader = FrameReader(Reader(fake, LIVE))
    reader.read(PAGE)
    upright = fake.asked()
    reader.read(lying(1))
    first = fake.asked()
    reader.read(lying(1))
    assert fake.asked() == upright < first


def test_what_makes_no_digits_is_tried_every_way_ever_more_seldom() -> None:
    fake = Counting()
    reader = FrameReader(Reader(fake, LIVE))
    asked = []
    for _ in range(40):
        assert reader.read(PAGE).digits == ()
        asked.append(fake.asked())
    once = min(asked)
    tried = [i for i, count in enumerate(asked) if count > once]
    assert tried[:4] == [0, 2, 5, 10]
    assert {b - a for a, b in itertools.pairwise(tried[3:])} == {SELDOM}


def test_a_page_is_found_again_when_it_is_turned_and_a_blank_frame_changes_nothing() -> None:
    reader = FrameReader(open_reader(live=True))
    blank = paper(PAGE.shape[1], PAGE.shape[0])
    for quarters in (1, 0, 3, 2):
        for frame in (blank, lying(quarters)):
            for _ in range(SELDOM + 1):
                reading = reader.read(frame)
        assert reading.text.replace(" ", "") == "24747"


def test_a_hand_over_half_of_the_page_does_not_turn_it() -> None:
    """What is left, 274, is as good upside down to whoever has not seen the page before."""
    page, boxes = row_of("74724274", height=80, gap=40, width=6)
    hidden = page.copy()
    hidden[:, : boxes[-3].x - 15] = hidden[0, 0]
    upside_down = np.ascontiguousarray(np.rot90(hidden, 2))
    assert FrameReader(open_reader(live=True)).read(upside_down).text.replace(" ", "") == "274"
    reader = FrameReader(open_reader(live=True))
    assert reader.read(page).text.replace(" ", "") == "74724274"
    seen = [reader.read(upside_down).text.replace(" ", "") for _ in range(60)]
    assert "274" not in seen[:12], "a moment changes nothing"
    assert seen[-1] == "274", "what lasts does"


def test_what_is_explained_is_the_page_as_it_was_read() -> None:
    reader, frame = FrameReader(open_reader(live=True)), lying(1)
    read = reader.read(frame)
    reading, attempt = reader.inspect(frame)
    assert reading == read
    places = {in_picture(attempt.regions[v.region].box, attempt.view) for v in attempt.digits}
    assert places == {digit.box for digit in reading.digits}


def test_it_tells_model_and_settings_of_its_reader() -> None:
    reader = Reader(Counting(), LIVE)
    assert FrameReader(reader).card is reader.card
    assert FrameReader(reader).settings is LIVE


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("degrees", [-30, 0, 30])
def test_the_quarters_of_a_view_are_the_nearest(quarters: int, degrees: float) -> None:
    leaning = np.vstack([cv2.getRotationMatrix2D((50, 40), degrees, 1.0), (0, 0, 1)])
    view = turn(View(np.zeros((80, 100), np.uint8), np.eye(3)), quarters)
    assert quarters_of(View(view.image, view.to_picture @ leaning)) == quarters
