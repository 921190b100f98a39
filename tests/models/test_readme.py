"""What models/README.md says of the files beside it is what their cards say."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.classifier import DEFAULT_MODEL
from models.contract import read_card

README = (DEFAULT_MODEL.parent / "README.md").read_text(encoding="utf-8")
CARD = read_card(DEFAULT_MODEL.with_suffix(".json"))


def table_under(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    part = README.split(f"\n## {heading}\n", 1)[1]
    rows = [line for line in part.split("\n") if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_every_set_is_named_with_its_licence() -> None:
    told = [
        [str(each[key]) for key in ("name", "kind", "learned", "held_out", "licence", "origin")] for each in CARD.data
    ]
    assert table_under("What it learned from") == told


@pytest.mark.parametrize("name", ["digits.tflite", "rows.tflite"])
def test_sizes_are_those_of_the_files(name: str) -> None:
    assert f"{Path(DEFAULT_MODEL.parent / name).stat().st_size / 1000:.0f} kB" in README
