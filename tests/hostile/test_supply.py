"""What the program is made of: every package pinned, every exception from the security rules explained."""

import importlib.metadata
import re
import tomllib

from packaging.specifiers import SpecifierSet

from helpers import ROOT


def test_every_package_that_is_asked_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {re.split(r"[\[<>=!~; ]", one)[0].lower().replace("_", "-") for one in asked} - {"provrisk"}
    lines = (ROOT / "constraints.txt").read_text().split()
    pins = dict(line.lower().replace("_", "-").split("==") for line in lines)
    assert names <= set(pins)
    assert all(pins.values())


def test_every_exception_from_a_security_rule_is_explained() -> None:
    bare = re.compile(r"# noqa: (?:[A-Z]+\d+, ?)*S\d{3}(?:, ?[A-Z]+\d+)*\s*$", re.M)
    for room in ("src", "tests", "docs", "benchmarks"):
        for path in (ROOT / room).rglob("*.py"):
            assert not bare.search(path.read_text(encoding="utf-8")), path


def test_every_pin_can_be_had_on_the_oldest_python_that_is_promised() -> None:
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    for one in importlib.metadata.distributions():
        asked = one.metadata.get("Requires-Python")
        if asked and one.metadata["Name"] in pinned:
            assert f"{oldest}.0" in SpecifierSet(asked), f"{one.metadata['Name']} {one.version} asks for Python {asked}"
