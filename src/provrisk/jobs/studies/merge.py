"""Merge provinces of a study that are one: their rows become one in every file of the study."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.jobs.studies.borders import GUESS
from provrisk.study import Study, load_study
from provrisk.study.project_files import read_table


def parse_merges(texts: Iterable[str]) -> dict[str, str]:
    """``A=B``: A is another spelling of the province B."""
    out = {}
    for text in texts:
        gone, _, stays = (part.strip() for part in text.partition("="))
        if not gone or not stays or gone == stays:
            raise ProvriskError(f"--merge {text!r}: write the two names as A=B, where B is kept.")
        out[gone] = stays
    return out


def merge_provinces(study: Study, merges: Mapping[str, str]) -> Study:
    """``study`` with each key of ``merges`` a spelling of the province that is its value; its files are written.

    The counts of both are added; neighbours and the places of drivers go to the one that is kept.
    Raises ``ProvriskError`` for a province that is none, or one that would be merged into itself.
    """
    known = study.provinces.index
    for gone, stays in merges.items():
        for name in (gone, stays):
            if name not in known:
                raise ProvriskError(f"{study.name} has no province {name!r}; known are {', '.join(known)}.")
        if stays in merges:
            raise ProvriskError(
                f"{stays} cannot be both kept and merged into another: name the province to keep in both."
            )
    folder = study.folder
    table = tables.read_csv(study.bundled_counts, study)
    measures = [name for name in tables.MEASURES if name in table]
    table["province"] = table.province.replace(merges)
    counts = table.groupby(["month", "province"])[measures].sum(min_count=1).reset_index()
    changed = {
        folder / "provinces.csv": _provinces(folder, merges),
        folder / "neighbours.csv": _neighbours(folder, merges),
    }
    if (folder / "drivers.csv").exists():
        changed[folder / "drivers.csv"] = _drivers(folder, merges)
    for path, content in changed.items():
        files.write(path, content)
    merged = load_study(folder)
    tables.write_csv(counts.assign(observed=counts[study.file.target.column].notna()), study.bundled_counts)
    return merged


def _provinces(folder: Path, merges: Mapping[str, str]) -> str:
    table = read_table(folder / "provinces.csv", ["province", "aliases"]).set_index("province")
    for gone, stays in merges.items():
        spellings = {gone, *table.aliases[gone].split("|"), *table.aliases[stays].split("|")} - {"", stays}
        table.loc[stays, "aliases"] = "|".join(sorted(spellings))
    return _csv(table.drop(index=list(merges)).reset_index())


def _neighbours(folder: Path, merges: Mapping[str, str]) -> str:
    table = read_table(folder / "neighbours.csv", ["a", "b"])
    went = table.a.isin(list(merges)) | table.b.isin(list(merges))
    if "how" in table:  # a place guessed for a removed name is less certain than that of the kept one
        table, went = table[~(went & (table.how == GUESS))], went[~(went & (table.how == GUESS))]
    pairs = [sorted(pair) for pair in table[["a", "b"]].replace(merges).to_numpy()]
    table = table.assign(a=[a for a, _ in pairs], b=[b for _, b in pairs], went=went)
    # A border known before has priority over one of a removed name.
    ordered = table.sort_values(["a", "b", "went"])
    return _csv(ordered[ordered.a != ordered.b].drop_duplicates(["a", "b"]).drop(columns="went"))


def _drivers(folder: Path, merges: Mapping[str, str]) -> str:
    table = read_table(folder / "drivers.csv", ["provinces"])
    table["provinces"] = [
        "|".join(dict.fromkeys(merges.get(name, name) for name in names.split("|"))) for names in table.provinces
    ]
    return _csv(table)


def _csv(table: pd.DataFrame) -> str:
    return str(table.to_csv(index=False, lineterminator="\n"))
