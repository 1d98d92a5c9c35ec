"""A headless Chromium for tests: pages dumped, measured, or driven as a reader would."""

import fcntl
import http.server
import importlib.util
import json
import os
import re
import select
import signal
import subprocess
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from helpers import need

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--v=0",
]  # fmt: skip

MEASURE = """<script>
const wide = [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, svg"))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + "." + e.className);
const resources = performance.getEntriesByType("resource").map(e => e.name);
document.body.insertAdjacentHTML("beforeend", "<output id='found'></output>");
document.getElementById("found").textContent = JSON.stringify({wide: wide, resources: resources, width: innerWidth});
</script>"""

KEYS = {
    "Tab": 9, "Enter": 13, "Escape": 27, "Space": 32, "End": 35, "Home": 36,
    "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
}  # fmt: skip


def dump(chromium: str, profile: Path, url: str, width: int, *more: str) -> subprocess.CompletedProcess[str]:
    command = [chromium, *FLAGS, *more, f"--user-data-dir={profile}", f"--window-size={width},900", "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


def found_in(dom: str) -> object:
    match = re.search(r'<output id="found">(.*?)</output>', dom, re.S)
    assert match, dom[-500:]
    return json.loads(match[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def axe_script() -> str:
    """The source of axe-core."""
    spec = importlib.util.find_spec("axe_core_python")
    need(spec is not None, "needs axe-core-python")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


@contextmanager
def asked_server() -> Iterator[tuple[str, list[str], dict[str, bytes]]]:
    """A local server that keeps what it is asked for: its address, the paths, and the files it serves."""
    paths: list[str] = []
    served: dict[str, bytes] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            content = served.get(self.path)
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", paths, served
    finally:
        server.shutdown()


class Browser:
    """One page, driven over the DevTools protocol through a pipe; ``messages`` and ``requests`` are what it did."""

    def __init__(self, chromium: str, profile: Path) -> None:
        ours_out, theirs_in = _pipe()
        theirs_out, ours_in = _pipe()
        actions = [(os.POSIX_SPAWN_DUP2, ours_out, 3), (os.POSIX_SPAWN_DUP2, ours_in, 4)]
        log = os.open(profile.with_suffix(".log"), os.O_CREAT | os.O_WRONLY, 0o600)
        actions += [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
        command = [chromium, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        self.process = os.posix_spawn(chromium, command, os.environ, file_actions=actions, setpgroup=0)
        for end in (ours_out, ours_in, log):
            os.close(end)
        self._to, self._from, self._rest, self._number = theirs_in, theirs_out, b"", 0
        self.messages: list[str] = []
        self.requests: list[str] = []
        self._session = ""
        target = self.call("Target.getTargets")["targetInfos"][0]["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """The answer to one command; events that come meanwhile are kept."""
        self._number += 1
        command: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        while True:
            message = self._read()
            if message.get("id") == self._number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self._keep(message)

    def open(self, url: str, width: int = 1280, height: int = 900, phone: bool = False) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, expression: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not self.run(expression):
            assert time.monotonic() < end, f"never came true: {expression}"
            time.sleep(0.02)

    def press(self, key: str) -> None:
        """One key, as from a keyboard."""
        code = {"windowsVirtualKeyCode": KEYS[key], "key": " " if key == "Space" else key, "code": key}
        text = {"Enter": "\r", "Space": " "}.get(key)
        self.call("Input.dispatchKeyEvent", type="keyDown", **code, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **code)

    def choose(self, selector: str, value: str) -> None:
        """Choose an option of a select, as a reader's click does."""
        self.run(
            f"(() => {{const s = document.querySelector({json.dumps(selector)}); s.value = {json.dumps(value)};"
            "s.dispatchEvent(new Event('change', {bubbles: true}));})()"
        )

    def picture(self, path: Path, whole: bool = True) -> None:
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(b64decode(data))

    def close(self) -> None:
        with suppress(OSError, AssertionError):
            self._session = ""
            self.call("Browser.close")
        for _ in range(100):
            if os.waitpid(self.process, os.WNOHANG)[0]:
                break
            time.sleep(0.05)
        else:
            os.killpg(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        for end in (self._to, self._from):
            os.close(end)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], 60)
            assert ready, "the browser does not answer"
            chunk = os.read(self._from, 1 << 20)
            if not chunk:
                raise OSError("the browser has ended")
            self._rest += chunk
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))

    def _keep(self, message: dict[str, Any]) -> None:
        said = message.get("params", {})
        if message.get("method") == "Runtime.consoleAPICalled":
            self.messages.append(
                f"{said['type']}: {[one.get('value', one.get('description')) for one in said['args']]}"
            )
        elif message.get("method") == "Runtime.exceptionThrown":
            self.messages.append(str(said["exceptionDetails"]))
        elif message.get("method") == "Log.entryAdded":
            self.messages.append(str(said["entry"]["text"]))
        elif message.get("method") == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])


def _pipe() -> tuple[int, int]:
    """Both ends far from the numbers that the browser is to have them under."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
