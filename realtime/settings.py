"""The settings of every stage, and the two that ship: one for stills, one for frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Final

from realtime.cutting import CutSettings
from realtime.decode import DecodeSettings
from realtime.hand import HandSettings
from realtime.ink import InkSettings
from realtime.joining import JoinSettings
from realtime.judge import JudgeSettings
from realtime.layout import LayoutSettings
from realtime.marks import MarkSettings
from realtime.parting import PartSettings
from realtime.ruling import RulingSettings
from realtime.segment import SegmentSettings
from realtime.sheets import PageSettings
from realtime.weighing import SecondSettings


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """The settings of every stage.

    long_side: pixels a picture's or sheet's longer side is reduced to; more bring paper grain and broken strokes.
    foreign_ink: how many times likelier than the model takes it to be it is that a region is no digit: the model is
    calibrated on digits, but of the regions of a picture most are none (Saerens et al. 2002, "Adjusting the outputs of
    a classifier to new a priori probabilities").
    splicing: whether touching digits are cut and broken ones joined; nothing is cut in a picture of something else, or
    of more than `few` pieces of ink.
    twice: whether rows are read a second time, as a whole.
    small, enough, worth: there is a second look at where digits are lower than `small` pixels, more closely, until they
    have `enough` or the picture shows no more, if that makes them so many times higher.  lean: or where their lines
    lean by so many radians: they are levelled.
    compare: whether the whole picture is read beside the only sheet in it, or only when nothing is found on the sheet.
    settled_share, settled: if digits are this share of the dark ink, and have so much evidence, light ink is not looked
    for; a share of more than 1 is never reached.
    turning: whether other ways up are tried, unless `upright_share` of the ink is digits as it is, and its
    digits that look like none the other way up give as much as `upright_way` for each digit.
    turn_doubt: what ink that is no digit takes from the evidence for a way up, each piece.  turn_gain, turn_least: a
    page is turned for so many times the evidence and so much more: one digit alone turns no page.  turn_cut: and for
    this share of the evidence that there is as it lies once touching ink is parted.
    """

    long_side: int = 800
    small: int = 30
    enough: int = 44
    worth: float = 1.25
    lean: float = 0.07
    compare: bool = True
    settled_share: float = 2.0
    settled: float = 1.5
    turning: bool = True
    turn_doubt: float = 0.25
    turn_gain: float = 1.1
    turn_least: float = 0.5
    turn_cut: float = 0.75
    upright_share: float = 0.95
    upright_way: float = 0.3
    foreign_ink: float = 2.5
    splicing: bool = True
    few: int = 8
    twice: bool = True
    page: PageSettings = field(default_factory=PageSettings)
    ink: InkSettings = field(default_factory=InkSettings)
    ruling: RulingSettings = field(default_factory=RulingSettings)
    segment: SegmentSettings = field(default_factory=SegmentSettings)
    decode: DecodeSettings = field(default_factory=DecodeSettings)
    judge: JudgeSettings = field(default_factory=JudgeSettings)
    cut: CutSettings = field(default_factory=CutSettings)
    part: PartSettings = field(default_factory=PartSettings)
    join: JoinSettings = field(default_factory=JoinSettings)
    second: SecondSettings = field(default_factory=SecondSettings)
    hand: HandSettings = field(default_factory=HandSettings)
    marks: MarkSettings = field(default_factory=MarkSettings)
    layout: LayoutSettings = field(default_factory=LayoutSettings)


THOROUGH: Final = ReaderSettings()
"""For stills: every threshold, every way up."""
LIVE: Final = ReaderSettings(
    long_side=640,
    small=14,
    enough=24,
    lean=inf,
    compare=False,
    settled_share=0.9,
    turning=False,
    foreign_ink=4.0,
    decode=DecodeSettings(beside=10.0),
    page=PageSettings(side=160, levels=6, darker=False),
    segment=SegmentSettings(levels=(0.08, 0.15, 0.27, 0.45), most=120),
    second=SecondSettings(sure=0.95),
)
"""For frames: the same reader on fewer pixels and thresholds, upright only, and often of a scene, not of a page.

Only digits too small to be read in so few pixels are looked at again."""
