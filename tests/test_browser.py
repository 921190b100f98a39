"""The annotated video plays in a real browser: what `video --out` promises."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGE = """<!doctype html><video id="clip" src="clip.mp4" muted></video><script>
const clip = document.getElementById("clip"), say = text => fetch("/said?" + encodeURIComponent(text));
clip.onerror = () => say("error " + clip.error.message);
clip.onended = () => say(`played ${clip.videoWidth}x${clip.videoHeight}, ${clip.duration.toFixed(1)} s`);
clip.playbackRate = 4;
clip.play().catch(fault => say("refused " + fault));
</script>"""


class Listener(SimpleHTTPRequestHandler):
    """Serves a folder, and keeps what its page says."""

    said: Queue[str] = Queue()

    def do_GET(self) -> None:
        if self.path.startswith("/said?"):
            self.said.put(unquote(self.path.partition("?")[2]))
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve the test's folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Listener, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_annotated_video_plays_in_a_browser(tmp_path: Path, address: str) -> None:
    (tmp_path / "index.html").write_text(PAGE)
    clip = ["video", "samples/clip.mp4", "--out", str(tmp_path / "clip.mp4")]
    subprocess.run([sys.executable, "-m", "realtime", *clip], cwd=ROOT, check=True, capture_output=True)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--mute-audio"]
    flags += ["--autoplay-policy=no-user-gesture-required", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [str(CHROMIUM), *flags, "--remote-debugging-port=0", address]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert Listener.said.get(timeout=90) == "played 1280x720, 10.0 s"
    finally:
        browser.kill()
        browser.wait()
