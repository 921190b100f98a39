"""The gallery of what was read wrong: what it shows of each mistake, and that nobody finds half of one."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.contract import LABELS, NOT_A_DIGIT, ModelCard
from models.errors import OutputError
from realtime.attempt import Attempt
from realtime.exhibit import Exhibit, exhibit
from realtime.gallery import Inspects, failures, require_gallery, write_gallery
from realtime.measure import read_set
from realtime.outputs import write_picture
from realtime.reader import Reader
from realtime.score import count
from realtime.settings import LIVE
from realtime.values import Box, Reading
from tests.realtime.drawing import draw, row_of
from tests.realtime.making import MODEL, Picture, write_clip

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
EVIL = "<img src=x onerror=alert(1)>&\"'.png"
VOID = {"img", "meta", "input", "br"}


class TakesAllForFours:
    """A classifier that takes a bar for no digit and everything else for a 4; of what is narrow it is not so sure."""

    card = ModelCard("fours", 1, LABELS, {})

    def __init__(self) -> None:
        self.asked: list[NDArray[np.float32]] = []

    def __call__(self, digits: NDArray[np.float32]) -> NDArray[np.float32]:
        self.asked += [*digits]
        rows = np.full((len(digits), 11), 0.001, np.float32)
        for row, digit in zip(rows, digits, strict=True):
            width = int((digit.max(axis=0) > 0.2).sum())
            row[10 if width < 9 else 4] = 0.6 if 9 <= width < 12 else 0.99
            row[0] += 0.99 - row.max()
        return rows


class Breaks:
    """Reads nothing: it breaks."""

    def inspect(self, picture: Picture) -> tuple[Reading, Attempt]:
        raise RuntimeError("broken")


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("p", "li", "dt", "dd"):
            while self.open[-1] in ("p", "li", "dt", "dd") and self.open[-1] != tag:
                self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def drawn(shapes: str) -> tuple[Picture, list[Box]]:
    """A page, larger than it is read, and where on it each shape is."""
    page, boxes = row_of(shapes, height=180, gap=110, width=11)
    return cv2.cvtColor(page, cv2.COLOR_GRAY2BGR).astype(np.uint8), boxes


def fours() -> Reader:
    return Reader(TakesAllForFours(), LIVE)


def laid_open(shapes: str, **item: Any) -> Exhibit:
    picture, _ = drawn(shapes)
    return exhibit(item, picture, *fours().inspect(picture))


def gallery_of(
    folder: Path, truth: list[dict[str, Any]], out: Path, readers: tuple[Inspects, Inspects] | None = None
) -> Page:
    records = read_set(truth, folder, fours(), fours, MODEL)
    write_gallery(out, count(truth, records), records, folder, readers or (fours(), fours()), "a test")
    return Page((out / "index.html").read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set in which a 1 is not read and a 7 is read as 4, a picture without digits has two, and a 4 is right."""
    (tmp_path / "set").mkdir()
    for name, shapes in (("page.png", "417"), ("false.png", "70"), ("right.png", "4"), (EVIL, "0")):
        write_picture(tmp_path / "set" / name, drawn(shapes)[0])
    return tmp_path / "set"


TRUTH: list[dict[str, Any]] = [
    {"file": "right.png", "kind": "single", "lines": ["4"]},
    {"file": EVIL, "kind": "single", "lines": ["0"], "conditions": ["<b>dark</b>"]},
    {"file": "false.png", "kind": "negative", "conditions": ["scene"]},
    {"file": "page.png", "kind": "page", "lines": ["417"]},
]


def test_a_digit_confused_is_shown_with_what_the_network_saw_and_where() -> None:
    picture, boxes = drawn("47")
    classifier = TakesAllForFours()
    shown = exhibit({"lines": ["47"]}, picture, *Reader(classifier, LIVE).inspect(picture))
    (mistake,) = shown.mistakes
    (seen,) = mistake.ink
    assert (mistake.kind, mistake.wrote, mistake.read, seen.reason) == ("confused", "7", "4", "")
    assert mistake.within is not None
    assert mistake.within.text == "44"
    assert any(np.array_equal(np.rint(255 * asked), seen.guess.glyph) for asked in classifier.asked)
    assert seen.guess.top[0][0] == "4"
    assert seen.guess.top[0][1] > 0.9
    assert len(seen.guess.top) == 3
    marks = {figure.name: [m for m in figure.marks if m.kind == "confused"] for figure in shown.figures}
    assert [*marks] == ["picture", "ink"]
    (mark,) = marks["picture"]
    assert mark.number == seen.number
    assert all(abs(a - b) <= 20 for a, b in zip(mark.box, boxes[1], strict=True))


def test_a_digit_missed_is_shown_with_the_rejected_ink_around_and_the_reason() -> None:
    shown = laid_open("417", lines=["417"])
    missed = shown.mistakes[0]
    assert (missed.kind, missed.wrote, missed.within) == ("missed", "1", None)
    assert [seen.reason for seen in missed.ink] == [NOT_A_DIGIT]
    assert missed.ink[0].guess.top[0][0] == NOT_A_DIGIT
    (listed,) = (m for m in shown.figures[0].marks if m.kind is None and m.number)
    assert listed.number == missed.ink[0].number
    assert listed.note.endswith(NOT_A_DIGIT)


def test_the_ink_of_the_whole_line_is_asked_about_a_missed_digit() -> None:
    """Of 1444 and 444 the first is missed; of 4441 and 444, too, if it stood 4144."""
    shown = laid_open("4441", lines=["4444"])
    assert [(m.kind, [seen.reason for seen in m.ink]) for m in shown.mistakes] == [("missed", [NOT_A_DIGIT])]


def test_specks_are_listed_only_where_nothing_larger_is() -> None:
    def listed(shapes: str, wrote: str) -> list[int]:
        page = draw(row_of(shapes, height=180, gap=110, width=11)[0], "1", Box(8, 20, 19, 30), width=5)
        picture = cv2.cvtColor(page, cv2.COLOR_GRAY2BGR).astype(np.uint8)
        (missed,) = exhibit({"lines": [wrote]}, picture, *fours().inspect(picture)).mistakes
        return [seen.box.h for seen in missed.ink]

    assert [height > 100 for height in listed("41", "41")] == [True]
    assert [height < 45 for height in listed("4", "41")] == [True]


def test_every_false_digit_is_shown() -> None:
    shown = laid_open("70", lines=[])
    assert [(m.kind, m.read, len(m.ink)) for m in shown.mistakes] == [("false", "4", 1)] * 2


def test_nothing_read_and_nothing_found_is_no_end() -> None:
    blank = np.full((90, 120, 3), 230, np.uint8)
    shown = exhibit({"lines": ["12"]}, blank, *fours().inspect(blank))
    assert [(m.wrote, m.ink) for m in shown.mistakes] == [("12", ())]


def test_a_turned_sheet_is_shown_as_it_was_read() -> None:
    table = np.full((700, 900, 3), 40, np.uint8)
    sheet, _ = drawn("47")
    sheet = cv2.copyMakeBorder(sheet, 60, 60, 30, 30, cv2.BORDER_REPLICATE).astype(np.uint8)
    small = cv2.resize(sheet, (600, 400))
    table[150:550, 150:750] = small
    shown = exhibit({"lines": ["47"]}, table, *fours().inspect(table))
    assert [figure.name for figure in shown.figures] == ["picture", "view", "ink"]
    assert len(shown.figures[0].outline) == 4
    assert abs(shown.figures[0].outline[0][0] - 150) < 15


def test_failures_come_worst_first_and_what_is_right_does_not_come(folder: Path) -> None:
    records = read_set(TRUTH, folder, fours(), fours, MODEL)
    assert [each.item["file"] for each in failures(count(TRUTH, records))] == ["false.png", "page.png", EVIL]


def test_lines_that_are_torn_are_a_failure_though_every_digit_is_right(folder: Path, tmp_path: Path) -> None:
    write_picture(folder / "page.png", drawn("44")[0])
    page = gallery_of(folder, [{"file": "page.png", "kind": "page", "lines": ["4", "4"]}], tmp_path / "out")
    assert "All digits are right, but not the lines they are in." in page.text
    assert "Lines written: 4 / 4. Lines read: 44." in page.text


def test_a_wrong_digit_in_an_accepted_number_is_counted(folder: Path, tmp_path: Path) -> None:
    write_picture(folder / "page.png", drawn("44")[0])
    page = gallery_of(folder, [{"file": "page.png", "kind": "page", "lines": ["47"]}], tmp_path / "out")
    assert "1 of the 1 digits confused or false are in numbers that were accepted" in page.text


def test_the_page_tells_each_mistake_and_its_reason(folder: Path, tmp_path: Path) -> None:
    page = gallery_of(folder, TRUTH, tmp_path / "out")
    assert page.open == []
    assert "3 of 4 files not read right" in page.text
    for told in (
        "7 read as 4",
        "1 not read Ink nearby that was rejected, likeliest first:",
        f"Rejected: {NOT_A_DIGIT}",
        "4 read where none is written",
        "In the number 44 of confidence",
        "Confused: 2",
        "Not read: 1",
        "False: 2",
        "1 confused, 1 not read",
        "0 of the 4 digits confused or false are in numbers that were accepted, the others for review.",
    ):
        assert told in page.text, told
    cards = page.named("article")
    assert [json.loads(card["data-tags"])[:2] for card in cards] == [
        ["kind:negative", "mistake:false"],
        ["kind:page", "mistake:confused"],
        ["kind:single", "mistake:confused"],
    ]
    assert {option["value"] for option in page.named("option")} > {"kind:page", "mistake:not read", "condition:scene"}


def test_the_page_stands_on_nothing_but_its_folder(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    page = gallery_of(folder, TRUTH, out)
    places = [a[name] for _, a in page.elements for name in ("src", "href") if name in a]
    assert places
    for place in places:
        assert place.startswith(("data:image/", "#f")) or (out / place).is_file(), place
    assert not [tag for tag, a in page.elements if tag == "link" or (tag == "script" and a)]
    assert "://" not in (out / "index.html").read_text(encoding="utf-8")
    glyphs = [image for image in page.named("img") if image.get("class") == "glyph"]
    assert len(glyphs) == 5
    data = np.frombuffer(base64.b64decode(glyphs[0]["src"].partition(",")[2]), np.uint8)
    decoded = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert decoded is not None
    assert decoded.shape == (28, 28)


def test_names_from_outside_are_text_and_never_elements(folder: Path, tmp_path: Path) -> None:
    page = gallery_of(folder, TRUTH, tmp_path / "out")
    assert EVIL in page.text
    assert "<b>dark</b>" in page.text
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    assert '"condition:<b>dark</b>"' in page.named("article")[2]["data-tags"]


def test_marks_lie_within_their_figures(folder: Path, tmp_path: Path) -> None:
    page = gallery_of(folder, TRUTH, tmp_path / "out")
    places = [[float(n) for n in re.findall(r":(-?[\d.]+)%", a["style"])] for a in page.named("i")]
    assert len(places) >= 10
    assert all(min(p) >= 0 and p[0] + p[2] <= 100.01 and p[1] + p[3] <= 100.01 for p in places)


def test_a_second_page_takes_the_place_of_the_first_with_its_pictures(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    gallery_of(folder, TRUTH, out)
    (out / "notes.txt").write_text("mine")
    (out / "pictures-00000000").mkdir()
    before = {path.name for path in out.iterdir()}
    page = gallery_of(folder, TRUTH[:1], out)
    assert "All 1 files read right" in page.text
    after = {path.name for path in out.iterdir()}
    assert len(before - after) == 1
    assert {"notes.txt", "pictures-00000000"} < after


def test_a_gallery_that_breaks_leaves_the_one_before_whole(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    gallery_of(folder, TRUTH, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(RuntimeError, match="broken"):
        gallery_of(folder, TRUTH, out, (Breaks(), Breaks()))
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert len([*out.iterdir()]) == 2


def test_a_page_of_another_origin_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>mine")
    with pytest.raises(OutputError, match=r"index\.html: is there and was not written by this program; name another"):
        require_gallery(tmp_path)
    with pytest.raises(OutputError, match="cannot be made a folder"):
        require_gallery(tmp_path / "index.html")


def test_a_file_that_cannot_be_read_is_told(folder: Path, tmp_path: Path) -> None:
    page = gallery_of(folder, [{"file": "gone.png", "kind": "page", "lines": ["1"]}], tmp_path / "out")
    assert "gone.png: does not exist; check the path" in page.text
    assert "1 of 1 files not read right" in page.text


def test_of_a_video_the_first_wrong_frame_is_shown(tmp_path: Path) -> None:
    right, wrong = (cv2.resize(drawn(shapes)[0], (320, 240)).astype(np.uint8) for shapes in ("4", "7"))
    blank = np.full_like(right, 230)
    write_clip(tmp_path / "clip.mp4", [blank, right, right, wrong, blank])
    item = {"file": "clip.mp4", "kind": "video", "lines": ["4"], "frames": 5, "fps": 2}
    page = gallery_of(tmp_path, [item | {"all_visible_frames": [[1, 4]]}], tmp_path / "out")
    assert "1 of 4 frames are not right; this is the first of them, frame 4." in page.text
    empty = gallery_of(tmp_path, [item | {"lines": []}], tmp_path / "out")
    assert "3 of 4 frames are not right; this is the first of them, frame 1." in empty.text
    assert "4 read where none is written" in empty.text


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_filters_work_in_a_browser(folder: Path, tmp_path: Path) -> None:
    gallery_of(folder, TRUTH, tmp_path / "out")
    page = tmp_path / "out" / "index.html"
    choose = "const menu = document.querySelector('select'); menu.value = 'kind:page'; menu.onchange; sift();"
    page.write_text(page.read_text(encoding="utf-8").replace("</script>", f"{choose}</script>"), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    command = [str(CHROMIUM), *flags, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=90)
    assert "1 of 3 shown" in done.stdout
    assert len(re.findall(r"<article [^>]*hidden", done.stdout)) == 2
