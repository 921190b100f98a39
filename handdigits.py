"""The name this project is installed under: `from handdigits import open_reader`, and the commands.

In a checkout this is a module beside `models`, `realtime` and `training`; in a wheel it is the package that holds them,
so that names as common as theirs never meet anybody else's (docs/adr/0001).
"""

from __future__ import annotations

from realtime import open_reader

__all__ = ["digits", "digits_train", "open_reader"]


def digits() -> None:
    """Run the command `digits`: read cameras, videos and photographs."""
    from realtime.cli import main

    main()


def digits_train() -> None:
    """Run the command `digits-train`: make and measure model files."""
    from training.cli import main

    main()
