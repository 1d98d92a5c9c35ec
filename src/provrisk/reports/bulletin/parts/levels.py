"""Levels in words: a level never suggests less risk than its chance."""

from provrisk.forecasts.quantiles import quantiles
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.charts import colours
from provrisk.reports.document import Cell
from provrisk.reports.language import say, translated
from provrisk.risk import levels
from provrisk.risk.levels import watch_count

__all__ = ["badge", "before", "forecast_cell", "name", "observed_cell", "scale", "watch_count"]


def name(content: BulletinContent, step: int) -> str:
    """The name of the forecast level; the lowest is named by its bound, since a median of 0 is not "no risk"."""
    if step == 0:
        return say("below {n}", n=words.number(content.least))
    return translated(content.study.file.risk.levels[step])


def badge(content: BulletinContent, level: str, chance: float) -> Cell:
    """The level with the chance of at least the first threshold: ``low · 96 %``."""
    scale = content.study.file.risk.levels
    step = scale.index(level)
    text = say("{level} · {chance}", level=name(content, step), chance=words.percent(chance))
    return Cell(text=text, shade=colours.shade_of(step, len(scale)))


def forecast_cell(content: BulletinContent, level: str) -> Cell:
    """A forecast level in its colour."""
    scale = content.study.file.risk.levels
    step = scale.index(level)
    return Cell(text=name(content, step), shade=colours.shade_of(step, len(scale)))


def observed_cell(content: BulletinContent, level: str) -> Cell:
    """The level of an observed count, with the study's own name: here "none" means 0."""
    scale = content.study.file.risk.levels
    return Cell(text=translated(level), shade=colours.shade_of(scale.index(level), len(scale)))


def before(content: BulletinContent) -> dict[str, int]:
    """The number of each province's level in the last bulletin."""
    if content.last is None:
        return {}
    drawn = content.last.forecast.sel(horizon=content.last.horizon).transpose("province", "draw")
    scale = content.study.file.risk
    named = levels.level(quantiles(drawn.to_numpy(), [0.5])[0], scale)
    return {str(at): scale.levels.index(level) for at, level in zip(drawn.indexes["province"], named, strict=True)}


def scale(content: BulletinContent) -> str:
    """What the levels, the score and the arrows mean."""
    rule = content.study.file.risk
    steps = [name(content, 0)]
    steps += [
        say("{level} from {n}", level=translated(word), n=words.number(count))
        for word, count in zip(rule.levels[1:], rule.thresholds, strict=True)
    ]
    return " ".join([
        say("The level is the one that contains the middle forecast: {steps}.", steps=", ".join(steps)),
        say("Beside it is the chance of at least {least}.", least=content.counted(content.least)),
        say("The score, 0 to 100, is the average level of all outcomes in the forecast."),
        say("Arrows compare the expected number with the average of the last 12 months: ↑ up, → level, ↓ down."),
    ])  # fmt: skip
