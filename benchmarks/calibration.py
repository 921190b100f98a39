"""Do digits read with a confidence of 0.9 turn out right nine times in ten? On pictures with a truth.json.

    python -m realtime scan DIR --jsonl records.jsonl
    python benchmarks/calibration.py DIR records.jsonl

Pages, single digits and pictures without digits count. A digit of a reading is right where it is matched to one that
is written (of scattered digits: as long as the bag has one); all of a picture without digits are wrong. ECE is the
expected calibration error in fifteen bins (Guo et al. 2017, arXiv 1706.04599). The last line tells of whole numbers:
how many were accepted, and of how many of these all digits are right.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for a bare checkout

from realtime.measure import read_records, read_truth
from realtime.score import only_digits
from training.evaluate import BINS, expected_error

EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Told:
    """Digits of readings. confidence: 0..1 each.  right: whether each is.  accepted: right or not of each number."""

    confidence: tuple[float, ...]
    right: tuple[bool, ...]
    accepted: tuple[bool, ...]


def are_right(item: Mapping[str, Any], read: str) -> list[bool]:
    """Tell of each digit that was read whether it is one that is written."""
    written = only_digits(item.get("lines") or ())
    if item.get("order") == "loose":
        left, right = Counter(written), []
        for digit in read:
            right.append(left[digit] > 0)
            left[digit] -= 1
        return right
    right = [False] * len(read)
    for block in SequenceMatcher(None, written, read, autojunk=False).get_matching_blocks():
        right[block.b : block.b + block.size] = [True] * block.size
    return right


def told(truth: Sequence[Mapping[str, Any]], records: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> Told:
    """Return what the records of all pictures tell, and whether it is so."""
    confidence, right, accepted = [], [], []
    for item in truth:
        record = records.get(item["file"], {}).get(0)
        if item["kind"] == "video" or record is None:
            continue
        numbers = [number for line in record["lines"] for number in line["numbers"]]
        digits = [digit for number in numbers for digit in number["digits"]]
        answers = are_right(item, "".join(digit["label"] for digit in digits))
        confidence += [digit["confidence"] for digit in digits]
        right += answers
        for number in numbers:
            own, answers = answers[: len(number["digits"])], answers[len(number["digits"]) :]
            if number["status"] == "accept":
                accepted.append(all(own))
    return Told(tuple(confidence), tuple(right), tuple(accepted))


def text(found: Told) -> str:
    """Return the table for people."""
    confidence, right = np.array(found.confidence), np.array(found.right)
    rows = ["confidence        digits    said   right"]
    for low, high in pairwise(EDGES):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            said, was = confidence[inside].mean(), right[inside].mean()
            rows.append(f"{low:4.2f} to {high:4.2f}    {inside.sum():8}  {said:6.3f}  {was:6.3f}")
    rows.append(f"ECE {expected_error(confidence, right, BINS):.4f} of {len(right)} digits")
    rows.append(f"numbers accepted {len(found.accepted)}, of these all right {sum(found.accepted)}")
    return "\n".join(rows)


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("records", type=Path)
    args = parser.parse_args()
    truth = read_truth(args.truth_dir)
    print(text(told(truth, read_records(args.records, truth))))


if __name__ == "__main__":
    main()
