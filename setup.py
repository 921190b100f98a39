"""Build the wheel: one package, `handdigits`, that holds the checkout's three (docs/adr/0001 says why).

models/, realtime/, training/  ->  handdigits/models/, handdigits/realtime/, handdigits/training/
handdigits.py                  ->  handdigits/__init__.py
from models.x import y         ->  from handdigits.models.x import y      (the only form the architecture test allows)

Everything else about the package stands in pyproject.toml. An editable install keeps the checkout as it is.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

NAME = "handdigits"
PARTS = ("models", "realtime", "training")
IMPORT = re.compile(rf"^(\s*)from ({'|'.join(PARTS)})(?=[. ])", re.MULTILINE)


def nest(root: Path) -> None:
    """Move the parts below `root` into one package and point their imports there."""
    package = root / NAME
    for part in PARTS:
        shutil.rmtree(package / part, ignore_errors=True)
        shutil.move(str(root / part), str(package / part))
    shutil.move(str(root / f"{NAME}.py"), str(package / "__init__.py"))
    (package / "py.typed").touch()
    for source in package.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        source.write_text(IMPORT.sub(rf"\1from {NAME}.\2", text), encoding="utf-8")


class BuildNested(build_py):
    """Copies the modules as setuptools does, then nests them."""

    def run(self) -> None:
        """Build; an editable install is left flat."""
        super().run()
        if not self.editable_mode:
            nest(Path(self.build_lib))


class WheelNested(bdist_wheel):
    """Says truly which top-level name the wheel holds."""

    def egg2dist(self, egginfo_path: str, distinfo_path: str) -> None:
        """Write the metadata."""
        super().egg2dist(egginfo_path, distinfo_path)
        Path(distinfo_path, "top_level.txt").write_text(f"{NAME}\n", encoding="utf-8")


setup(cmdclass={"build_py": BuildNested, "bdist_wheel": WheelNested})
