// The cells with the largest errors of the model shown, beside the benchmark's.
const NUMBER = 20;

function misses(state) {
  const c = state.shown, against = indexOf(state.against), measure = measureOf(state), worst = [];
  if (!has(state.score, c)) return [make("p", {}, `${CONTENDERS[c].title} has no ${measure.label}.`)];
  const losses = valuesOf(state.score, c), months = new Map();
  filtered(state, cell => {                           // of a month that was missed at several leads, the worst
    const key = placeOf(cell) * 1e6 + targetOf(cell);
    if (losses[cell] === losses[cell] && !(losses[cell] <= losses[months.get(key)])) months.set(key, cell);
  });
  worst.push(...[...months.values()].sort((a, b) => losses[b] - losses[a]).slice(0, NUMBER));
  const at = (key, cell, who = c) => has(key, who) ? valuesOf(key, who)[cell] : NaN;
  const said = cell => [at("median", cell), at("mean", cell)].find(v => v === v);
  const number = (key, heading, value, digits, title) => ({key, head: heading, title, value, down: true, cell: cell => fixed(value(cell), digits)});
  const columns = [
    {key: "month", head: "Month", text: true, value: targetOf, cell: cell => spelled(targetOf(cell))},
    {key: "province", head: "Province", text: true, value: cell => head.places[placeOf(cell)], cell: cell => provinceButton(placeOf(cell))},
    number("lead", "Months ahead", cell => head.horizons[horizonOf(cell)], 0),
    number("said", "Predicted", said, 0, `Median in ${head.many}; the mean if there is no median`),
    {key: "interval", head: "80 % interval", value: cell => at("high_80", cell), down: true,
      cell: cell => at("low_80", cell) === at("low_80", cell) ? `${fixed(at("low_80", cell), 0)} to ${fixed(at("high_80", cell), 0)}` : ""},
    number("came", "Observed", cell => came(placeOf(cell), targetOf(cell)), 0, `In ${head.many}`),
    number("loss", measure.label, cell => losses[cell], measure.digits === 3 ? 2 : measure.digits, measure.unit ? `In ${measure.unit}` : null),
    ...(against === c ? [] : [number("theirs", `${measure.label}, ${CONTENDERS[against].title}`, cell => at(state.score, cell, against), measure.digits === 3 ? 2 : measure.digits)]),
    {key: "note", head: "Note", text: true, value: cell => isNowcast(c, cell) ? "nowcast" : "", cell: cell => isNowcast(c, cell) ? "nowcast" : ""},
  ];
  const shown = columns.filter(one => one.key !== "note" || worst.some(cell => isNowcast(c, cell)));
  return [scrolling("Table: the worst misses", sortedTable("misses", `The ${worst.length} worst months of ${CONTENDERS[c].title}: ${filterWords(state)}`,
    shown, worst, "loss", {down: true}))];
}
