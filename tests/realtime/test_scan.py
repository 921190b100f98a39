"""Photographs in a row: found in order, read one by one, and a bad one stops nothing."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

import cv2
import pytest

from models.errors import UsageError
from realtime.outputs import LISTING, write_picture
from realtime.scan import Found, annotated_places, as_text, closed_folders, find_pictures, scan, write_annotated
from tests.realtime.making import MODEL, FakeReader, picture


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("sheets/b.jpg", "sheets/a.PNG", "sheets/deep/c.jpeg", "sheets/deep/a.webp", "other/b.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(path.suffix.lower(), picture(99))[1].tobytes())
    for name in ("sheets/notes.txt", "sheets/._b.jpg", "sheets/.hidden/a.jpg", "sheets/x.heic"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\0\0\0\x18ftypheic")
    (tmp_path / "sheets" / "looks-like.jpg").mkdir()
    return tmp_path


def test_folders_are_searched_and_sorted_and_nothing_is_passed_over_in_silence(folder: Path) -> None:
    found = [f.uri for f in find_pictures(["sheets"])]
    assert found == [
        os.path.join("sheets", *n.split("/")) for n in ("a.PNG", "b.jpg", "deep/a.webp", "deep/c.jpeg", "x.heic")
    ]


def test_named_files_keep_their_order_and_need_no_suffix(folder: Path) -> None:
    assert [f.uri for f in find_pictures(["sheets/notes.txt", "other/b.jpg"])] == ["sheets/notes.txt", "other/b.jpg"]


def test_a_path_that_does_not_exist_is_named_before_anything_is_read(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"^none\.jpg, gone/: does not exist; check the path"):
        find_pictures(["sheets", "none.jpg", "gone/"])


def test_an_empty_folder_holds_no_pictures(tmp_path: Path) -> None:
    assert find_pictures([str(tmp_path)]) == []


def test_a_bad_picture_is_a_record_with_an_error_and_the_others_are_read(folder: Path) -> None:
    (folder / "sheets" / "b.jpg").write_bytes(b"")
    scanned = list(scan(find_pictures(["sheets"]), FakeReader(), MODEL))
    assert [s.record["error"] is None for s in scanned] == [True, False, True, True, False]
    bad = scanned[1]
    assert bad.fault is not None
    assert "is empty" in bad.fault
    assert bad.record["error"]["kind"] == "unreadable"
    assert "sha256" not in bad.record["source"]
    assert "HEIC" in str(scanned[4].fault)
    assert len(scanned[4].record["source"]["sha256"]) == 64
    assert [line["text"] for line in scanned[0].record["lines"]] == ["99"]


def test_people_get_the_lines_and_a_question_mark_for_what_is_for_review(folder: Path) -> None:
    (scanned,) = scan([Found("other/b.jpg", PurePath("b.jpg"))], FakeReader(), MODEL)
    assert as_text(scanned) == "other/b.jpg\n  99"


def test_annotated_pictures_mirror_the_folder(folder: Path) -> None:
    places = annotated_places(find_pictures(["sheets"]), Path("out"))
    assert [str(p) for p in places.values()] == [
        os.path.join("out", *n.split("/")) for n in ("a.PNG", "b.jpg", "deep/a.webp", "deep/c.jpeg", "x.png")
    ]


def test_several_folders_keep_apart_and_files_of_one_name_too(folder: Path) -> None:
    places = annotated_places(find_pictures(["sheets", "other", "other/b.jpg", "./sheets/b.jpg"]), Path("out"))
    names = [p.as_posix() for p in places.values()]
    assert len(set(names)) == len(names)
    assert {"out/sheets/b.jpg", "out/other/b.jpg", "out/b.jpg", "out/b-2.jpg"} <= set(names)


def test_an_input_is_never_overwritten(folder: Path) -> None:
    found = find_pictures(["sheets"])
    places = annotated_places(found, Path("sheets"))
    inputs = {os.path.realpath(f.uri) for f in found}
    assert not inputs & {os.path.realpath(p) for p in places.values()}
    assert places[found[1]] == Path("sheets/b-2.jpg")


def test_the_annotated_picture_is_written_upright_and_drawn_upon(folder: Path) -> None:
    (scanned,) = scan([Found("other/b.jpg", PurePath("b.jpg"))], FakeReader(), MODEL)
    write_annotated(scanned, Path("out/deep/b.png"), Path("out"))
    drawn = cv2.imread("out/deep/b.png")
    assert drawn is not None
    assert drawn.shape == (120, 160, 3)
    assert drawn.std() > 5


def test_a_folder_one_may_not_look_into_is_told(folder: Path) -> None:
    (folder / "sheets" / "deep").chmod(0)
    if os.access(folder / "sheets" / "deep", os.R_OK):
        pytest.skip("this user may look anywhere")
    try:
        assert closed_folders(["sheets"]) == [os.path.join("sheets", "deep")]
    finally:
        (folder / "sheets" / "deep").chmod(0o700)


def test_files_are_no_closed_folders(folder: Path) -> None:
    write_picture(Path("one.png"), picture())
    assert closed_folders(["one.png", "sheets"]) == []


def annotate(paths: list[str], out: str) -> list[str]:
    """Read and annotate as the command does; return the annotated pictures' paths."""
    found = find_pictures(paths, Path(out))
    places = annotated_places(found, Path(out))
    for scanned in scan(found, FakeReader(), MODEL):
        write_annotated(scanned, places[scanned.found], Path(out))
    return [place.as_posix() for place in places.values()]


def test_a_file_this_program_did_not_write_is_never_replaced(folder: Path) -> None:
    before = (folder / "sheets" / "b.jpg").read_bytes()
    assert annotate(["other/b.jpg"], "sheets") == ["sheets/b-2.jpg"]
    assert (folder / "sheets" / "b.jpg").read_bytes() == before


def test_annotating_anew_replaces_what_this_program_wrote(folder: Path) -> None:
    for _ in range(2):
        assert annotate(["other/b.jpg"], "out") == ["out/b.jpg"]
        assert annotate(["other/b.jpg"], "sheets") == ["sheets/b-2.jpg"]
    assert sorted(p.name for p in Path("out").iterdir()) == [LISTING, "b.jpg"]
    assert Path("out", LISTING).read_text() == "b.jpg\n"


@pytest.mark.parametrize("listing", [b"", b"\xff\xfe\n\0\n../other/b.jpg\n/\n", b"c.jpg"])
def test_a_damaged_listing_lets_nothing_be_replaced(listing: bytes, folder: Path) -> None:
    write_picture(Path("mine.jpg"), picture())
    Path(LISTING).write_bytes(listing)
    assert annotated_places([Found("x/mine.jpg", PurePath("mine.jpg"))], Path())[
        Found("x/mine.jpg", PurePath("mine.jpg"))
    ] == Path("mine-2.jpg")


def test_a_listed_name_that_became_a_link_is_not_written_through(folder: Path) -> None:
    annotate(["other/b.jpg"], "out")
    Path("out/b.jpg").unlink()
    Path("out/b.jpg").symlink_to(folder / "sheets" / "b.jpg")
    assert annotate(["other/b.jpg"], "out") == ["out/b-2.jpg"]


@pytest.mark.parametrize("out", ["sheets", "sheets/out", "./sheets/../sheets/out"])
def test_its_own_pictures_are_no_inputs(out: str, folder: Path) -> None:
    (folder / "sheets" / "x.heic").unlink()
    first = find_pictures(["sheets"], Path(out))
    places = annotate(["sheets"], out)
    assert len(first) == 4
    assert find_pictures(["sheets"], Path(out)) == first
    assert annotate(["sheets"], out) == places
