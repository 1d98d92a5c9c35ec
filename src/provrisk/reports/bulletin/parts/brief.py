"""The brief: the main points on one page."""

from provrisk import months
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.bulletin.parts import judgements, levels, trust
from provrisk.reports.charts import colours
from provrisk.reports.charts.province_map import atlas, drawn
from provrisk.reports.document import Block, Chart, Items, Part, Text
from provrisk.reports.language import place, say, translated


def part(content: BulletinContent) -> Part:
    """Judgements, map, watch list, what changed, and how far to trust it."""
    blocks: list[Block] = []
    if content.issue.historical:
        blocks.append(Text(words=_historical(content), notice=True))
    elif content.issue.horizon > 1:
        blocks.append(Text(words=_late(content), notice=True))
    blocks.append(Text(words=judgements.last_month(content)))
    found = judgements.judgements(content)
    title = say("Three judgements") if len(found) == 3 else say("Judgements")
    blocks.append(Items(title=title, items=tuple(found)))
    if (chart := _map(content)) is not None:
        blocks.append(chart)
    blocks += [
        Text(words=_watch(content)),
        Items(title=say("Since the last issue"), items=tuple(changes(content))),
        Items(title=say("How far to trust it"), items=(trust.record(content), *trust.warnings(content))),
        Text(words=_definition(content)),
    ]
    return Part(key="brief", title=say("In brief"), blocks=tuple(blocks), opening=True)


def _historical(content: BulletinContent) -> str:
    return say(
        "Historical issue, written as of {day} from data up to {origin}. It is not a forecast of the present.",
        day=words.day(content.issue.date),
        origin=words.month(content.issue.origin),
    )


def _late(content: BulletinContent) -> str:
    """A note that the data end some months before the issue, so that the forecast is not read as a near one."""
    return say(
        "The data end in {origin}: this looks {n} months ahead, over months that are past or under way.",
        origin=words.month(content.issue.origin),
        n=content.issue.horizon,
    )


def _definition(content: BulletinContent) -> str:
    return say(
        "Counted: {many}. One is {definition} ({source}).",
        many=content.many,
        definition=translated(content.study.file.target.definition),
        source=content.source,
    )


def _map(content: BulletinContent) -> Chart | None:
    found = atlas(content.study)
    if found is None:
        return None
    scale, rows = content.study.file.risk, content.risk.set_index("province")
    unseen = list(rows.index[rows.mean_12.isna() & rows.last_month.isna()])
    steps = {name: scale.levels.index(level) for name, level in rows.level.items() if name not in unseen}
    shade = {name: colours.shade_of(steps[name], len(scale.levels)) if name in steps else None for name in rows.index}
    note = {name: words.about(value) if name in steps else "–" for name, value in rows.expected.items()}
    groups = [
        say(
            "{level}: {places}",
            level=levels.name(content, step),
            places=words.joined([place(name) for name in steps if steps[name] == step]),
        )
        for step in sorted(set(steps.values()), reverse=True)
    ]
    if unseen:
        groups.append(
            say("{level}: {places}", level=say("not observed"), places=words.joined([place(name) for name in unseen]))
        )
    caption = say("Colour: level. Number: {many} expected.", many=content.many)
    if found.tiles:
        caption = " ".join([caption, say("Tiles show roughly where {units} are.", units=content.units)])
    return Chart(
        svg=drawn(found, shade, note, [levels.name(content, step) for step in range(len(scale.levels))]),
        alt=say("Map of the levels in {month}. {groups}.", month=content.month, groups="; ".join(groups)),
        title=say("Levels in {month}", month=content.month),
        caption=caption,
        wide=found.wide,
    )


def _watch(content: BulletinContent) -> str:
    scale = content.study.file.risk
    if scale.cost_ratio is None:
        return say("There is no watch list: the study does not say what a missed event costs (cost_ratio).")
    bar = words.percent(scale.cost_ratio / (1 + scale.cost_ratio))
    least = content.counted(levels.watch_count(scale))
    names = [place(name) for name in content.risk.province[content.risk.watch.astype(bool)]]
    cost = say("We count a missed event as {n} times worse than a false alarm.", n=words.number(1 / scale.cost_ratio))
    if not names:
        return " ".join([
            say("Watch list: empty. Nowhere does the chance of at least {least} reach {bar}.", least=least, bar=bar),
            cost,
        ])  # fmt: skip
    return " ".join([
        say("Watch list: {names}. There the chance of at least {least} is {bar} or more.", names=words.joined(names),
            least=least, bar=bar), cost,
    ])  # fmt: skip


def changes(content: BulletinContent) -> list[str]:
    """Changes since the last issue, or, if none is stored, since a forecast of today's method a month earlier."""
    if content.last is None:
        return [say("There is no earlier forecast to compare with.")]
    out = []
    if not content.last.issued:
        out.append(say("No earlier issue is stored; this compares with today's method on the data of a month before."))
    out += [_new_data(content), *_levels(content), *_scores(content)]
    return [sentence for sentence in out if sentence]


def _new_data(content: BulletinContent) -> str:
    assert content.last is not None  # noqa: S101 - for the type checker
    first, last = months.shift(content.last.origin, 1), content.issue.origin
    if first > last:
        return say("No month of data is new.")
    if first == last:
        return say("New data: {month}.", month=words.month(last))
    return say("New data: {first} to {last}.", first=words.month(first), last=words.month(last))


def _levels(content: BulletinContent) -> list[str]:
    """The changed levels of provinces."""
    assert content.last is not None  # noqa: S101 - for the type checker
    scale = content.study.file.risk
    before = levels.before(content)
    now = {row.province: scale.levels.index(row.level) for row in content.risk.itertuples()}
    moved = {name: (before[name], step) for name, step in now.items() if before.get(name, step) != step}
    out = []
    for up in (True, False):
        said = [
            say(
                "{place} ({before} → {now})",
                place=place(name),
                before=levels.name(content, old),
                now=levels.name(content, new),
            )
            for name, (old, new) in moved.items()
            if (new > old) == up
        ]
        if said and up:
            out.append(say("Level up: {places}.", places=words.joined(said)))
        elif said:
            out.append(say("Level down: {places}.", places=words.joined(said)))
    return out or [say("No level changed.")]


def _scores(content: BulletinContent) -> list[str]:
    rows = content.risk.dropna(subset="score_change")
    if rows.empty or rows.score_change.abs().max() < 0.5:
        return []
    row = rows.loc[rows.score_change.abs().idxmax()]
    return [
        say(
            "Largest change of score: {place}, {change} to {score} of 100.",
            place=place(row.province), change=words.signed(row.score_change), score=words.number(row.score),
        )
    ]  # fmt: skip
