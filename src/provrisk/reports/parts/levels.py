"""Levels in words: a level never suggests less risk than its chance."""

from provrisk.forecasts.draws import quantiles
from provrisk.reports import charts, words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Cell
from provrisk.reports.language import given, say
from provrisk.risk import levels
from provrisk.risk.levels import watch_count

__all__ = ["badge", "before", "forecast_cell", "given", "name", "observed_cell", "scale", "watch_count"]


def name(basis: Basis, step: int) -> str:
    """The name of the forecast level; the lowest is named by its bound, since a median of 0 is not "no risk"."""
    if step == 0:
        return say("below {n}", n=words.number(basis.least))
    return given(basis.study.file.risk.levels[step])


def badge(basis: Basis, level: str, chance: float) -> Cell:
    """The level with the chance of at least the first threshold: ``low · 96 %``."""
    scale = basis.study.file.risk.levels
    step = scale.index(level)
    text = say("{level} · {chance}", level=name(basis, step), chance=words.percent(chance))
    return Cell(text=text, shade=charts.shade_of(step, len(scale)))


def forecast_cell(basis: Basis, level: str) -> Cell:
    """A forecast level in its colour."""
    scale = basis.study.file.risk.levels
    step = scale.index(level)
    return Cell(text=name(basis, step), shade=charts.shade_of(step, len(scale)))


def observed_cell(basis: Basis, level: str) -> Cell:
    """The level of an observed count, with the study's own name: here "none" means 0."""
    scale = basis.study.file.risk.levels
    return Cell(text=given(level), shade=charts.shade_of(scale.index(level), len(scale)))


def before(basis: Basis) -> dict[str, int]:
    """The number of each province's level in the last bulletin."""
    if basis.last is None:
        return {}
    drawn = basis.last.forecast.sel(horizon=basis.last.horizon).transpose("province", "draw")
    scale = basis.study.file.risk
    named = levels.level(quantiles(drawn.to_numpy(), [0.5])[0], scale)
    return {str(at): scale.levels.index(level) for at, level in zip(drawn.indexes["province"], named, strict=True)}


def scale(basis: Basis) -> str:
    """What the levels, the score and the arrows mean."""
    rule = basis.study.file.risk
    steps = [name(basis, 0)]
    steps += [
        say("{level} from {n}", level=given(word), n=words.number(count))
        for word, count in zip(rule.levels[1:], rule.thresholds, strict=True)
    ]
    return " ".join([
        say("The level is the one that contains the middle forecast: {steps}.", steps=", ".join(steps)),
        say("Beside it is the chance of at least {least}.", least=basis.counted(basis.least)),
        say("The score, 0 to 100, is the average level of all outcomes in the forecast."),
        say("Arrows compare the expected number with the average of the last 12 months: ↑ up, → level, ↓ down."),
    ])  # fmt: skip
