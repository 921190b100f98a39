"""What doctor finds out: of this installation, of broken ones, of the fake V4L2 camera."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from realtime import doctor
from realtime.diagnosis import Camera, Mode
from realtime.v4l2 import describe
from tests.fakecam.device import FakeDevice, build, missing
from tests.fakecam.driver import FakeDriver, Play
from tests.realtime.making import network_camera, picture, sheet
from tests.realtime.test_cli import ROOT, digits

needs_device = pytest.mark.skipif(bool(missing()), reason=missing() or "-")


@pytest.fixture
def device(tmp_path_factory: pytest.TempPathFactory) -> FakeDevice:
    folder = tmp_path_factory.mktemp("camera")
    camera = FakeDevice(folder / "camera", build(folder))
    camera.show({(640, 480): sheet(), (800, 600): sheet(600, 800)}, 30, 15)
    return camera


def test_this_installation_reads_files() -> None:
    done = digits("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    found = {row.split()[1]: row for row in done.stdout.splitlines() if not row.startswith(" ")}
    assert {"digits", "python", "numpy", "opencv-python", "av", "ai-edge-litert", "model", "encoder"} <= found.keys()
    assert "digits.tflite is what its card promises" in found["model"]


def test_json_holds_the_same() -> None:
    done = digits("doctor", "--json")
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode == 0
    assert told["versions"]["opencv-python"]
    assert {finding["state"] for finding in told["findings"]} <= {"ok", "note"}


@pytest.mark.parametrize(
    ("package", "says", "helps"),
    [
        ("cv2", "libGL.so.1: cannot open shared object file", "sudo apt-get install libgl1 libglib2.0-0"),
        ("av", "DLL load failed", "pip install --force-reinstall av"),
    ],
)
def test_a_package_that_cannot_be_loaded_is_named_and_the_rest_is_told(
    package: str, says: str, helps: str, tmp_path: Path
) -> None:
    (tmp_path / f"{package}.py").write_text(f"raise ImportError({says!r})")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from realtime.cli import app; app(['doctor'])"
    done = run_python(code)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"cannot be loaded: {says}" in done.stdout
    assert helps in done.stdout
    assert "ok     numpy" in done.stdout


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_other_commands_point_to_doctor(tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from realtime.cli import app; app(['scan', 'a.jpg'])"
    done = run_python(code)
    assert done.returncode == 1
    why = "libGL.so.1: cannot open shared object file"
    assert done.stderr == f"error: a package cannot be loaded ({why}); `digits doctor` tells what helps\n"


def test_a_model_that_is_not_what_it_promises_is_code_5(tmp_path: Path) -> None:
    done = digits("doctor", "--model", tmp_path / "gone.tflite")
    assert done.returncode == 5
    assert "FAULT  model" in done.stdout
    assert "gone.tflite: the model is missing" in done.stdout


@needs_device
def test_a_v4l2_camera_is_listed_with_name_sizes_and_rates(device: FakeDevice) -> None:
    done = digits("doctor", "/dev/video0", "--json", env=os.environ | device.environment)
    assert (done.returncode, done.stderr) == (0, "")
    (camera,) = json.loads(done.stdout)["cameras"]
    assert (camera["name"], camera["driver"], camera["fault"]) == ("Fake Camera", "fakecam", None)
    assert camera["modes"] == [
        {"width": 640, "height": 480, "pixels": "YUYV", "rates": [30.0, 15.0]},
        {"width": 800, "height": 600, "pixels": "YUYV", "rates": [30.0, 15.0]},
    ]


@needs_device
def test_a_camera_that_is_tried_out_tells_what_it_gives(device: FakeDevice) -> None:
    done = digits("doctor", "0", env=os.environ | device.environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "/dev/video0  Fake Camera: 800x600 at 30, 640x480 at 30" in done.stdout
    assert "camera:0: 640x480, first picture after" in done.stdout


@needs_device
@pytest.mark.parametrize(
    ("flag", "listed", "tried"),
    [
        ("busy", "/dev/video0  Fake Camera: is used by another program", "camera:0: cannot be opened"),
        ("forbidden", "/dev/video0: may not be opened by you", "-> no permission for /dev/video0: sudo usermod"),
        ("unplugged", "/dev/video0: does not answer", "-> there is no /dev/video0; connect a camera"),
        ("stalled", "/dev/video0  Fake Camera: 800x600", "camera:0: gives no picture"),
    ],
)
def test_a_camera_that_cannot_be_had_is_code_6_when_it_was_named(
    flag: str, listed: str, tried: str, device: FakeDevice
) -> None:
    device.set(flag)
    done = digits("doctor", "0", env=os.environ | device.environment)
    assert (done.returncode, done.stderr) == (6, "")
    assert listed in done.stdout
    assert tried in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="V4L2 is of Linux")
def test_what_is_no_camera_is_none(tmp_path: Path) -> None:
    assert describe("/dev/null") is None
    assert describe(str(tmp_path / "video0")) == Camera(str(tmp_path / "video0"), fault="gone")


def test_a_stream_can_be_tried_out() -> None:
    with network_camera([picture()], rate=20.0) as address:
        facts = doctor.examine(source=address)
    assert facts.trial is not None
    assert facts.trial.fault is None
    assert facts.trial.told.startswith("160x120, first picture after ")


@pytest.mark.parametrize(
    ("plays", "cameras"),
    [
        ([Play(opens="no")], []),
        (
            [Play([picture()]), Play(), Play([picture(height=90)]), Play(opens="no")],
            [
                Camera("0", modes=(Mode(160, 120, rates=(30.0,)),)),
                Camera("1", fault="silent"),
                Camera("2", modes=(Mode(160, 90, rates=(30.0,)),)),
            ],
        ),
    ],
)
def test_where_the_system_lists_no_cameras_numbers_are_tried(
    plays: list[Play], cameras: list[Camera], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = FakeDriver(*plays)
    monkeypatch.setattr(cv2, "VideoCapture", driver)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert list(doctor._cameras(None)) == cameras
    assert driver.held == 0
