"""Make the pictures of the documentation from the newest bulletin of a project (default: this one), with Chromium.

The brief and the front page as a browser shows them, the PDF's pages as Typst sets them.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from provrisk.reports.bulletin import stored_issues
from provrisk.reports.render import pdf

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"


def main(project: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("make_pictures: needs a Chromium browser on the PATH.")
    page = max((project / "reports").glob("*/*/bulletin.html"), key=lambda path: path.stat().st_mtime)
    shown = {
        "bulletin.png": (page, 940),
        "arabic.png": (page.with_name("bulletin.ar.html"), 880),
        "front.png": (page.parents[1] / "index.html", 1130),
    }
    for name, (path, height) in shown.items():
        if path.exists():
            _shoot(browser, path, PICTURES / name, height)
    document = stored_issues.read(page.parent).document
    for number, picture in enumerate(pdf.pictures(document, ppi=60), 1):
        (PICTURES / f"pdf-{number}.png").write_bytes(picture)


def _shoot(browser: str, page: Path, out: Path, height: int) -> None:
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", f"--user-data-dir={profile}",
            f"--window-size=1280,{height}", f"--screenshot={out}", page.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
