"""Every fault that doctor knows: what it is called, what helps, and how the command ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.errors import ExitCode
from realtime.diagnosis import Camera, Facts, Finding, Mode, Trial, as_data, diagnose, exit_code, sizes, table

GOOD = Facts(
    platform="linux",
    versions={"python": "3.12.1", "numpy": "2.4.6", "opencv-python": "5.0.0", "av": "18.1.0"},
    windows="QT5",
    model="digits-cnn, contract 1",
    cameras=(Camera("/dev/video0", "Webcam", "uvcvideo", (Mode(640, 480, "YUYV", (30.0,)),)),),
)
HEADLESS = ("opencv-python-headless",)
TWO = ("opencv-python", "opencv-python-headless")
GL = "libGL.so.1: cannot open shared object file: No such file or directory"


def camera(fault: str) -> tuple[Camera, ...]:
    return (Camera("/dev/video0", fault=fault),)


@pytest.mark.parametrize(
    ("facts", "state", "said", "remedy"),
    [
        (
            replace(GOOD, broken={"opencv-python": GL}),
            "fault",
            "cannot be loaded: libGL.so.1",
            "apt-get install libgl1",
        ),
        (
            replace(GOOD, broken={"av": "DLL load failed"}),
            "fault",
            "18.1.0 cannot be",
            "--force-reinstall av",
        ),
        (replace(GOOD, versions={"av": None}), "fault", "is not installed", "pip install av"),
        (
            replace(GOOD, wheels=TWO),
            "note",
            "2 wheels are installed and overwrite",
            f"uninstall -y {' '.join(TWO)}",
        ),
        (
            replace(GOOD, windows="", wheels=HEADLESS),
            "note",
            "built without windows",
            f"uninstall -y {HEADLESS[0]}",
        ),
        (replace(GOOD, display="there is no display; add it"), "note", "there is no display", "add it"),
        (replace(GOOD, model_fault="m: is missing; restore it"), "fault", "m: is missing", "restore it"),
        (replace(GOOD, encoder=False), "note", "no libx264", "--only-binary"),
        (replace(GOOD, cameras=()), "note", "none was found", "connect one"),
        (replace(GOOD, cameras=(), platform="darwin"), "note", "none was found", "Privacy & Security > Camera"),
        (replace(GOOD, cameras=(), platform="win32"), "note", "none was found", "Privacy & security > Camera"),
        (replace(GOOD, cameras=camera("busy")), "note", "used by another program", "fuser -v /dev/video0"),
        (replace(GOOD, cameras=camera("forbidden")), "note", "may not be opened by you", "usermod -aG video"),
        (replace(GOOD, cameras=camera("gone")), "note", "does not answer", "plug it in again"),
        (replace(GOOD, cameras=camera("silent")), "note", "gives no picture", "privacy settings"),
        (replace(GOOD, trial=Trial("camera:0", fault="camera:0: is busy; close it")), "fault", "is busy", "close it"),
    ],
)
def test_each_fault_is_named_with_what_helps(facts: Facts, state: str, said: str, remedy: str) -> None:
    (finding,) = [finding for finding in diagnose(facts) if finding.state != "ok"]
    assert finding.state == state
    assert said in finding.said
    assert remedy in finding.remedy
    assert f"-> {finding.remedy}" in table(diagnose(facts))


def test_where_all_is_well_there_is_nothing_to_do() -> None:
    findings = diagnose(GOOD)
    assert {finding.state for finding in findings} == {"ok"}
    assert exit_code(findings) == ExitCode.OK
    assert [row.split()[:2] for row in table(findings).splitlines()] == [["ok", finding.what] for finding in findings]
    assert "->" not in table(findings)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (GOOD, 0),
        (replace(GOOD, cameras=(), windows="", encoder=False), 0),  # files can be read
        (replace(GOOD, cameras=camera("busy")), 0),
        (replace(GOOD, broken={"numpy": "x"}), 1),
        (replace(GOOD, model_fault="m: is missing; restore it"), 5),
        (replace(GOOD, trial=Trial("camera:0", "640x480")), 0),
        (replace(GOOD, trial=Trial("camera:0", fault="camera:0: is busy; close it")), 6),
        (replace(GOOD, trial=Trial("camera:0", fault="a; b"), model_fault="m; n"), 5),
    ],
)
def test_it_ends_well_when_files_can_be_read_and_the_named_camera(facts: Facts, code: int) -> None:
    assert exit_code(diagnose(facts)) == code
    assert as_data(facts, diagnose(facts))["exit_code"] == code


def test_what_could_not_be_looked_at_is_not_told() -> None:
    facts = Facts("linux", {"opencv-python": "5.0.0"}, broken={"opencv-python": GL}, cameras=None)
    assert [finding.what for finding in diagnose(facts)] == ["opencv-python"]


@pytest.mark.parametrize(
    ("modes", "told"),
    [
        ((), ""),
        ((Mode(640, 480),), "640x480"),
        (
            (Mode(640, 480, "YUYV", (30.0, 15.0)), Mode(1280, 720, "YUYV", (10.0,)), Mode(1280, 720, "MJPG", (30.0,))),
            "1280x720 at 30, 640x480 at 30",
        ),
        ((Mode(320, 240, "YUYV", (7.5,)),), "320x240 at 7.5"),
    ],
)
def test_sizes_are_told_once_with_their_best_rate(modes: tuple[Mode, ...], told: str) -> None:
    assert sizes(modes) == told


def test_names_stand_in_a_column() -> None:
    rows = table((Finding("a", "ok", "one"), Finding("longer", "note", "two", "three"))).splitlines()
    assert rows == ["ok     a       one", "note   longer  two", "               -> three"]
