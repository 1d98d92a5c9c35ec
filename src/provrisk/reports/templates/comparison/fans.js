// Observed and forecast: a small chart for each province of one model, or for each model of one province.
function fans(state) {
  const places = placesIn(state);
  const panels = places.length > 1 ? places.map(place => [place, state.shown])
    : [...leaderOrder(state, compared(state)), ...others(state)].map(c => [places[0], c]);
  const drawn = panels.map(([place, c]) => fanChart(state, place, c, places.length > 1)).filter(Boolean);
  return drawn.length ? drawn : [make("p", {}, "This model has no forecast here.")];
}

// Models with forecasts here that are not ranked: shown after the ranked ones.
const others = state => CONTENDERS.map((_, c) => c).filter(c => !compared(state).includes(c)
  && (state.models.includes(c) || CONTENDERS[c].kind !== "model"));

// Points of the forecast: one lead from all origins, or all leads from one origin.
function points(state, place, c) {
  const from = monthNumber(state.from), to = monthNumber(state.to), out = [];
  const add = (horizon, origin) => {
    const month = originMonths[origin] + head.horizons[horizon], cell = cellOf(place, horizon, origin);
    const at = key => has(key, c) ? valuesOf(key, c)[cell] : NaN;
    const middle = [at("median"), at("mean")].find(v => v === v);
    if (month < from || month > to || middle === undefined) return;
    out.push({month, middle, late: isNowcast(c, cell), low: level => at(`low_${level}`), high: level => at(`high_${level}`)});
  };
  if (state.origin === "every") for (let origin = 0; origin < ORIGINS; origin++) add(leadIn(state), origin);
  else head.horizons.forEach((_, horizon) => add(horizon, head.origins.indexOf(state.origin)));
  return out;
}

function fanChart(state, place, c, byProvince) {
  const said = points(state, place, c);
  if (!said.length) return null;
  let from = monthNumber(state.from), to = monthNumber(state.to);
  if (state.origin !== "every") { to = said.at(-1).month; from = monthNumber(state.origin) - 24; }
  const seen = [];
  for (let month = from; month <= to; month++) seen.push([month, came(place, month)]);
  const highest = Math.max(1, ...seen.map(([, v]) => v || 0), ...said.map(p => Math.max(p.middle, p.high(80) || 0)));
  const {title} = CONTENDERS[c], name = head.places[place];
  const frame = chart({x: [from - 0.5, to + 0.5], y: [0, highest * 1.05], label:
    `${name}, ${title}: observed ${head.many} and forecasts, ${spelled(from)} to ${spelled(to)}`});
  axisY(frame, ticks(0, highest, 3).filter(Number.isInteger), v => fixed(v, 0));
  axisX(frame, years(from, to), month => Math.floor(month / 12));
  frame.svg.append(...bands(frame, said, highest));
  frame.svg.append(shape("path", {class: "median", d: pieces(said.map(p => [p.month, p.middle]), frame)}));
  frame.svg.append(shape("path", {class: "observed", d: pieces(seen, frame)}));
  for (const p of said.filter(one => one.late)) frame.svg.append(shape("circle", {class: "late", cx: frame.x(p.month), cy: frame.y(p.middle), r: 3}));
  const note = byProvince ? inside(said, place) : [inside(said, place), CONTENDERS[c].barred].filter(Boolean).join("; ");
  return figure(byProvince ? provinceButton(place) : title, note, frame.svg);
}

// A line that breaks where values are missing or months do not follow one another.
function pieces(series, frame) {
  const runs = [];
  for (const [month, value] of series) {
    if (value !== value) continue;
    if (runs.length && runs.at(-1).at(-1)[0] === month - 1) runs.at(-1).push([month, value]); else runs.push([[month, value]]);
  }
  return runs.map(run => path(run.length > 1 ? run.map(([m, v]) => [frame.x(m), frame.y(v)])
    : [[frame.x(run[0][0]) - 2, frame.y(run[0][1])], [frame.x(run[0][0]) + 2, frame.y(run[0][1])]])).join("");
}

function bands(frame, said, highest) {
  const out = [], within = value => frame.y(Math.min(value, highest * 1.05));
  for (const level of [90, 80, 50]) {
    const own = said.filter(p => p.low(level) === p.low(level));
    // Each month has its own bar: a forecast is of whole months.
    const half = Math.max(0.8, (frame.x(1) - frame.x(0)) / 2);
    const d = own.map(p => {
      const [x, top, bottom] = [frame.x(p.month), within(p.high(level)), within(p.low(level))];
      return `M${(x - half).toFixed(1)} ${top.toFixed(1)}h${(2 * half).toFixed(1)}V${(bottom + 0.6).toFixed(1)}h${(-2 * half).toFixed(1)}Z`;
    }).join("");
    if (d) out.push(shape("path", {class: `band b${level}`, d}));
  }
  return out;
}

function inside(said, place) {
  const known = said.filter(p => p.low(80) === p.low(80) && came(place, p.month) === came(place, p.month));
  if (!known.length) return "";
  const hits = known.filter(p => came(place, p.month) >= p.low(80) && came(place, p.month) <= p.high(80)).length;
  return `${hits} of ${known.length} inside 80 %`;
}
