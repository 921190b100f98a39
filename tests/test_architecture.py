"""Who may import whom, which imports are heavy, and what a wheel build relies on."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("models", "realtime", "training")
SOURCES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
# training may use realtime's pure functions, to make its crops the way reading does; never its edges.
PURE = (
    *(
        "values",
        "ink",
        "ruling",
        "page",
        "sheets",
        "segment",
        "decode",
        "rings",
        "cutting",
        "path",
        "parting",
        "joining",
        "company",
        "rows",
        "judge",
        "hand",
        "marks",
        "layout",
        "row_view",
        "row_peaks",
        "row_cells",
        "weighing",
        "second_reading",
    ),
    *("settings", "attempt", "choosing", "upright", "reader", "frame_reader", "score"),
)
ALLOWED = {
    "models": {"models"},
    "realtime": {"models", "realtime"},
    "training": {"models", "training", *(f"realtime.{module}" for module in PURE)},
}
# Modules that take arrays and values and give new ones: no files, clocks, threads or windows. Pure paths are text.
EDGES = {"os", "io", "time", "threading", "subprocess", "pathlib", "socket", "shutil", "tempfile", "sys"}
MIDDLE = (
    *(*PURE, "overlay", "placing", "lettering", "record", "pipeline", "notices", "diagnosis"),
    *("motion", "votes", "matching", "following", "grouping", "scenery", "track", "reuse", "planes", "canvas"),
    *("part", "spans", "summary"),
    *("mistakes", "figures", "exhibit", "gallery_card", "gallery_look", "gallery_page"),
    *("pieces", "viewport", "controls", "hud", "screen", "roi", "plausible"),
)
PURE_MODULES = [ROOT / "realtime" / f"{module}.py" for module in MIDDLE]


def imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Yield every module imported anywhere in a file, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield ("." * node.level) + (node.module or ""), node


def only_pure_paths(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "pathlib"
        and all(alias.name.startswith("Pure") for alias in node.names)
    )


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_imports_point_one_way(path: Path) -> None:
    part = path.relative_to(ROOT).parts[0]
    own = [module for module, _ in imports(path) if module.split(".")[0] in PARTS]
    wrong = [m for m in own if not any(m == allowed or m.startswith(f"{allowed}.") for allowed in ALLOWED[part])]
    assert not wrong, f"{name(path)} must not import {wrong}"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_own_packages_are_imported_in_the_one_form_a_wheel_can_nest(path: Path) -> None:
    wrong = [
        m
        for m, node in imports(path)
        if m.startswith(".") or (isinstance(node, ast.Import) and m.split(".")[0] in PARTS)
    ]
    assert not wrong, f"{name(path)}: write `from {wrong[0]} import ...` with the full name"


@pytest.mark.parametrize("path", PURE_MODULES, ids=name)
def test_the_middle_has_no_edges(path: Path) -> None:
    assert not EDGES & {module.split(".")[0] for module, node in imports(path) if not only_pure_paths(node)}


@pytest.mark.parametrize("path", PURE_MODULES, ids=name)
def test_the_middle_stands_on_nothing_but_the_middle(path: Path) -> None:
    own = {module.removeprefix("realtime.") for module, _ in imports(path) if module.startswith("realtime")}
    assert own <= set(MIDDLE)


HEAVY = {"tensorflow", "keras", "cv2", "numpy", "av", "ai_edge_litert"}


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules loaded in a fresh interpreter after running `code`."""
    program = f"{code}\nimport sys; print(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["realtime.cli", "training.cli", "handdigits"])
def test_help_loads_nothing_heavy(module: str) -> None:
    assert not HEAVY & loaded_after(f"import {module}")


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["scan", "--help"]], ids=" ".join)
def test_help_answers_at_once(command: list[str]) -> None:
    lines = (
        "import contextlib, io, runpy, sys",
        f"sys.argv = ['realtime', *{command}]",
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):",
        "    runpy.run_module('realtime', run_name='__main__')",
    )
    assert not HEAVY & loaded_after("\n".join(lines))


def test_reading_never_loads_tensorflow() -> None:
    read = "import numpy as np; from realtime import open_reader; p = np.full((90, 90, 3), 230, np.uint8)"
    ink = "p[20:70, 40:46] = 20; open_reader().read(p)"
    assert not {"tensorflow", "keras"} & loaded_after(f"{read}; {ink}")
