"""Options that several commands have, and how a command's help is written."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand


class PlainHelp(TyperCommand):
    """A command whose help writes arguments as the guide does; versions of Typer put braces and types around them."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what follows the command's name in its usage: FILE, [FILE] where it may be left out, FILE..."""
        arguments: list[Any] = [each for each in self.get_params(ctx) if each.param_type_name == "argument"]
        names = (f"{each.metavar}{'' if each.nargs == 1 else '...'}" for each in arguments)
        return ["[OPTIONS]", *(n if each.required else f"[{n}]" for each, n in zip(arguments, names, strict=True))]

    def get_help(self, ctx: Any) -> str:
        """Return the help, with blanks where it tells an argument's type: the metavar says more."""
        return re.sub(r" <[\w\[\]]+>(?=  )", lambda kind: " " * len(kind[0]), super().get_help(ctx))


Model = Annotated[
    Path | None,
    typer.Option("--model", metavar="FILE", help="Another model file, its card beside it; e.g. --model mine.tflite"),
]
Jsonl = Annotated[
    str | None,
    typer.Option(
        "--jsonl", metavar="FILE", help="Write a record per picture as JSON Lines; e.g. r.jsonl, - for stdout"
    ),
]
Roi = Annotated[
    str | None,
    typer.Option(
        "--roi",
        metavar="X,Y,W,H",
        help="Read this part only: in pixels, or percent as 10%,0,50%,100%; e.g. 100,50,320,240",
    ),
]


TargetError = Annotated[
    float | None,
    typer.Option(
        "--target-error",
        min=0,
        metavar="SHARE",
        help="Accept what is so sure that no more of it is wrong; the rest is for review; e.g. 0.01",
    ),
]
GiveUp = Annotated[
    float | None,
    typer.Option(
        "--give-up-after", metavar="SECONDS", help="End when a lost camera is not back after so long; e.g. 60"
    ),
]
Width = Annotated[
    int | None, typer.Option("--width", min=1, metavar="PIXELS", help="Ask the camera for this width; e.g. 1280")
]
Height = Annotated[
    int | None, typer.Option("--height", min=1, metavar="PIXELS", help="Ask the camera for this height; e.g. 720")
]
Fps = Annotated[
    float | None, typer.Option("--fps", min=0.1, metavar="RATE", help="Ask for so many frames a second; e.g. 30")
]
Backend = Annotated[
    str | None,
    typer.Option("--backend", metavar="NAME", help="What opens the camera; e.g. v4l2, msmf, dshow, avfoundation"),
]


class Grouping(str, Enum):
    """What `score` may tell its figures by."""

    CONDITION = "condition"
    SOURCE = "source"
