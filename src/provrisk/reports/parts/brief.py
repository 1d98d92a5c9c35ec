"""The brief: the main points on one page."""

from provrisk import months
from provrisk.reports import charts, words
from provrisk.reports.atlas import atlas, drawn
from provrisk.reports.basis import Basis
from provrisk.reports.document import Block, Chart, Items, Part, Text
from provrisk.reports.language import place, say
from provrisk.reports.parts import judgements, levels, trust


def part(basis: Basis) -> Part:
    """Judgements, map, watch list, what changed, and how far to trust it."""
    blocks: list[Block] = []
    if basis.issue.historical:
        blocks.append(Text(words=_historical(basis), notice=True))
    elif basis.issue.horizon > 1:
        blocks.append(Text(words=_late(basis), notice=True))
    blocks.append(Text(words=judgements.last_month(basis)))
    found = judgements.judgements(basis)
    title = say("Three judgements") if len(found) == 3 else say("Judgements")
    blocks.append(Items(title=title, items=tuple(found)))
    if (chart := _map(basis)) is not None:
        blocks.append(chart)
    blocks += [
        Text(words=_watch(basis)),
        Items(title=say("Since the last issue"), items=tuple(changes(basis))),
        Items(title=say("How far to trust it"), items=(trust.record(basis), *trust.warnings(basis))),
        Text(words=_definition(basis)),
    ]
    return Part(key="brief", title=say("In brief"), blocks=tuple(blocks), opening=True)


def _historical(basis: Basis) -> str:
    return say(
        "Historical issue, written as of {day} from data up to {origin}. It is not a forecast of the present.",
        day=words.day(basis.issue.date),
        origin=words.month(basis.issue.origin),
    )


def _late(basis: Basis) -> str:
    """A note that the data end some months before the issue, so that the forecast is not read as a near one."""
    return say(
        "The data end in {origin}: this looks {n} months ahead, over months that are past or under way.",
        origin=words.month(basis.issue.origin),
        n=basis.issue.horizon,
    )


def _definition(basis: Basis) -> str:
    return say(
        "Counted: {many}. One is {definition} ({source}).",
        many=basis.many,
        definition=levels.given(basis.study.file.target.definition),
        source=basis.source,
    )


def _map(basis: Basis) -> Chart | None:
    found = atlas(basis.study)
    if found is None:
        return None
    scale, rows = basis.study.file.risk, basis.risk.set_index("province")
    unseen = list(rows.index[rows.mean_12.isna() & rows.last_month.isna()])
    steps = {name: scale.levels.index(level) for name, level in rows.level.items() if name not in unseen}
    shade = {name: charts.shade_of(steps[name], len(scale.levels)) if name in steps else None for name in rows.index}
    note = {name: words.about(value) if name in steps else "–" for name, value in rows.expected.items()}
    groups = [
        say(
            "{level}: {places}",
            level=levels.name(basis, step),
            places=words.joined([place(name) for name in steps if steps[name] == step]),
        )
        for step in sorted(set(steps.values()), reverse=True)
    ]
    if unseen:
        groups.append(
            say("{level}: {places}", level=say("not observed"), places=words.joined([place(name) for name in unseen]))
        )
    caption = say("Colour: level. Number: {many} expected.", many=basis.many)
    if found.tiles:
        caption = " ".join([caption, say("Tiles show roughly where {units} are.", units=basis.units)])
    return Chart(
        svg=drawn(found, shade, note, [levels.name(basis, step) for step in range(len(scale.levels))]),
        alt=say("Map of the levels in {month}. {groups}.", month=basis.month, groups="; ".join(groups)),
        title=say("Levels in {month}", month=basis.month),
        caption=caption,
        wide=found.wide,
    )


def _watch(basis: Basis) -> str:
    scale = basis.study.file.risk
    if scale.cost_ratio is None:
        return say("There is no watch list: the study does not say what a missed event costs (cost_ratio).")
    bar = words.percent(scale.cost_ratio / (1 + scale.cost_ratio))
    least = basis.counted(levels.watch_count(scale))
    names = [place(name) for name in basis.risk.province[basis.risk.watch.astype(bool)]]
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


def changes(basis: Basis) -> list[str]:
    """Changes since the last issue, or, if none is stored, since a forecast of today's method a month earlier."""
    if basis.last is None:
        return [say("There is no earlier forecast to compare with.")]
    out = []
    if not basis.last.issued:
        out.append(say("No earlier issue is stored; this compares with today's method on the data of a month before."))
    out += [_new_data(basis), *_levels(basis), *_scores(basis)]
    return [sentence for sentence in out if sentence]


def _new_data(basis: Basis) -> str:
    assert basis.last is not None  # noqa: S101 - for the type checker
    first, last = months.shift(basis.last.origin, 1), basis.issue.origin
    if first > last:
        return say("No month of data is new.")
    if first == last:
        return say("New data: {month}.", month=words.month(last))
    return say("New data: {first} to {last}.", first=words.month(first), last=words.month(last))


def _levels(basis: Basis) -> list[str]:
    """The changed levels of provinces."""
    assert basis.last is not None  # noqa: S101 - for the type checker
    scale = basis.study.file.risk
    before = levels.before(basis)
    now = {row.province: scale.levels.index(row.level) for row in basis.risk.itertuples()}
    moved = {name: (before[name], step) for name, step in now.items() if before.get(name, step) != step}
    out = []
    for up in (True, False):
        said = [
            say(
                "{place} ({before} → {now})",
                place=place(name),
                before=levels.name(basis, old),
                now=levels.name(basis, new),
            )
            for name, (old, new) in moved.items()
            if (new > old) == up
        ]
        if said and up:
            out.append(say("Level up: {places}.", places=words.joined(said)))
        elif said:
            out.append(say("Level down: {places}.", places=words.joined(said)))
    return out or [say("No level changed.")]


def _scores(basis: Basis) -> list[str]:
    rows = basis.risk.dropna(subset="score_change")
    if rows.empty or rows.score_change.abs().max() < 0.5:
        return []
    row = rows.loc[rows.score_change.abs().idxmax()]
    return [
        say(
            "Largest change of score: {place}, {change} to {score} of 100.",
            place=place(row.province), change=words.signed(row.score_change), score=words.number(row.score),
        )
    ]  # fmt: skip
