"""A small project to break: three provinces, three years, every kind of file that a study may have."""

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd

from helpers import DRIVERS, ROOT, provrisk

MONTHS = [f"{year}-{month:02d}" for year in (2010, 2011, 2012) for month in range(1, 13)]
PLACES = ("Alpha", "Beta", "Gamma")
MODELS = ("conflictology", "ewma_nb", "promotion")
OUTSIDE = {
    "name": "oil", "file": "oil.csv", "lag": 1, "unit": "dollars", "meaning": "the price of oil", "source": "a bank",
}  # fmt: skip
SHAPES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]},
        }
        for x, name in enumerate(PLACES)
    ],
}


def rows(text: str) -> list[dict[str, str]]:
    head, *rest = [line.split(",") for line in text.strip().split("\n")]
    return [dict(zip(head, row, strict=True)) for row in rest]


TABLES = {
    "provinces.csv": rows(
        "province,iso,pcode,capital,latitude,longitude,population,aliases\n"
        "Alpha,XX-A,X1,A-town,1,1,1000,Alfa|Al Alpha\nBeta,XX-B,X2,B-town,2,2,2000,\nGamma,XX-C,X3,C-town,3,3,3000,\n"
    ),
    "neighbours.csv": rows("a,b\nAlpha,Beta\nBeta,Gamma\n"),
    "drivers.csv": rows(DRIVERS),
    "monthly.csv": [
        {"month": month, "province": place, "attacks": str(number % 7), "deaths": str(3 * (number % 7))}
        for number, (month, place) in enumerate((month, place) for month in MONTHS for place in PLACES)
    ],
    "oil.csv": [{"month": month, "province": "Alpha", "value": "71.5"} for month in MONTHS],
}


def scratch() -> Path:
    """A new folder that goes with the process."""
    folder = Path(tempfile.mkdtemp(prefix="provrisk-hostile-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def project() -> Path:
    """Its folder, not to be changed."""
    root = scratch()
    (root / "models").mkdir()
    for name in MODELS:
        shutil.copy(ROOT / "models" / f"{name}.toml", root / "models")
    promotion = root / "models" / "promotion.toml"
    promotion.write_text(promotion.read_text().replace('"ensemble"', '"ewma_nb"').replace('"recent"', '"quick"'))
    folder = root / "features" / "small"
    folder.mkdir(parents=True)
    for name, table in TABLES.items():
        pd.DataFrame(table).to_csv(folder / name, index=False)
    (folder / "protocols.toml").write_text(
        "[quick]\norigins = 6\nhorizons = 3\ndraws = 1000\nrefit_every = 12\nburn_in = 2\n"
    )
    study = (ROOT / "features" / "iraq" / "study.toml").read_text(encoding="utf-8").replace("2004-01", "2010-01")
    study = study.replace("horizons = 6", "horizons = 3").replace(', "ingarch", "ensemble"]', "]")
    outside = "\n[[outside]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in OUTSIDE.items())
    (folder / "study.toml").write_text(study + outside, encoding="utf-8")
    (folder / "map.geojson").write_text(json.dumps(SHAPES))
    return root


@cache
def issued() -> Path:
    """The same after a month: a champion, a final issue and the draft of its erratum."""
    root = scratch()
    shutil.copytree(project(), root, dirs_exist_ok=True)
    steps = [("run",), ("bulletin", "finalize", "--note", "read by two"), ("run", "--again")]
    for arguments in steps:
        done = provrisk(*arguments, cwd=root)
        assert done.returncode == 0, done.stderr + done.stdout
    return root


def copy(of: Path, to: Path) -> Path:
    return Path(shutil.copytree(of, to))
