"""The pages as a reader meets them: a browser at three widths, axe-core, and no request to anywhere."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import FLAGS, MEASURE, asked_server, axe_script, dump, found_in

AXE = """<output id="found"></output><script>
axe.run(document, {resultTypes: ["violations"]}).then(r => {
  document.getElementById("found").textContent = JSON.stringify(r.violations.map(
    v => [v.impact, v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]));
});
</script>"""


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "bulletin.html").read_text(encoding="utf-8")


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str], dict[str, bytes]]]:
    with asked_server() as server:
        yield server


@pytest.mark.parametrize("width", [1200, 500])  # headless Chromium makes no window narrower than 500
def test_the_page_opens_at_this_width(
    chromium: str, page: str, tmp_path: Path, asked: tuple[str, list[str], dict[str, bytes]], width: int
) -> None:
    address, paths, served = asked
    served["/bulletin.html"] = page.replace("</body>", MEASURE + "</body>").encode()
    done = dump(chromium, tmp_path / "profile", f"{address}/bulletin.html", width)
    assert "CONSOLE" not in done.stderr
    found = found_in(done.stdout)
    assert isinstance(found, dict)
    assert found["wide"] == []  # only tables scroll sideways, in a region of their own
    assert [name for name in found["resources"] if "favicon" not in name] == []
    assert [path for path in paths if "favicon" not in path] == ["/bulletin.html"]


def test_a_phone_has_no_sideways_scrolling(chromium: str, page: str, tmp_path: Path) -> None:
    """In a frame of 360 pixels, since a window cannot be so narrow."""
    inner = page.replace("</body>", MEASURE + "</body>").replace("&", "&amp;").replace('"', "&quot;")
    script = """<script>addEventListener("load", () => {
      const inner = document.querySelector("iframe").contentDocument;
      document.getElementById("found").textContent = inner.getElementById("found").textContent;
    });</script>"""
    outer = f'<!doctype html><iframe style="width:360px;height:800px;border:0" srcdoc="{inner}"></iframe>'
    path = tmp_path / "outer.html"
    path.write_text(outer + '<output id="found"></output>' + script, encoding="utf-8")
    found = found_in(dump(chromium, tmp_path / "profile", path.as_uri(), 800).stdout)
    assert isinstance(found, dict)
    assert found["width"] == 360
    assert found["wide"] == []


@pytest.mark.parametrize("name", ["2019-01/bulletin.html", "index.html"])
def test_axe_finds_no_serious_fault(chromium: str, folder: Path, tmp_path: Path, name: str) -> None:
    axe = axe_script()
    content = (folder.parent / name).read_text(encoding="utf-8").replace("<details>", "<details open>")
    # axe goes into the head, so that the page's own body is what is looked at.
    content = content.replace("</head>", f"<script>{axe}</script></head>").replace("</body>", f"{AXE}</body>")
    path = tmp_path / "axe.html"
    path.write_text(content, encoding="utf-8")
    done = dump(chromium, tmp_path / "profile", path.as_uri(), 1200, "--virtual-time-budget=60000")
    found = found_in(done.stdout)
    assert isinstance(found, list)
    assert [fault for fault in found if fault[0] in ("serious", "critical")] == []


def test_it_prints(chromium: str, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "print.pdf"
    command = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={out}"]
    subprocess.run([*command, (folder / "bulletin.html").as_uri()], capture_output=True, check=True, timeout=120)
    content = out.read_bytes()
    assert content.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", content))
    assert 5 <= pages <= 16
