// A province's page: its whole history, with the compared months marked.
function provincePage(state) {
  const place = placesIn(state)[0], name = head.places[place];
  const series = [];
  for (let at = 0; at < MONTHS; at++) series.push([FIRST + at, came(place, FIRST + at)]);
  const seen = series.filter(([, v]) => v === v), total = seen.reduce((sum, [, v]) => sum + v, 0);
  const highest = seen.reduce((best, one) => one[1] > best[1] ? one : best, [FIRST, 0]);
  const last = seen.slice(-12), zero = seen.filter(([, v]) => v === 0).length;
  const words = `${plural(total, head.one, head.many)} in ${plural(seen.length, "month", "months")} observed since ${spelled(FIRST)}; ` +
    `${fixed(last.reduce((sum, [, v]) => sum + v, 0), 0)} in the last ${last.length}. ` +
    (highest[1] ? `The most in one month: ${fixed(highest[1], 0)} in ${spelled(highest[0])}. ` : "") +
    `${plural(zero, "month", "months")} without any.` + (seen.length < MONTHS ? ` Not observed: ${plural(MONTHS - seen.length, "month", "months")}.` : "");
  const all = place < PROVINCES ? PROVINCES : PLACES, step = by => (place + by + all) % all;
  const buttons = make("p", {class: "buttons"},
    make("button", {type: "button", onclick: () => change({province: "all"})}, "All provinces"),
    ...(place < PROVINCES ? [
      make("button", {type: "button", onclick: () => openProvince(step(-1))}, `← ${head.places[step(-1)]}`),
      make("button", {type: "button", onclick: () => openProvince(step(1))}, `${head.places[step(1)]} →`)] : []));
  return [make("h2", {id: "province-title", tabindex: -1}, name), buttons, make("p", {}, words), historyChart(state, name, series, highest[1])];
}

function historyChart(state, name, series, highest) {
  const end = FIRST + MONTHS - 1;
  const frame = chart({width: 1000, height: 200, left: 40, x: [FIRST - 0.5, end + 0.5], y: [0, Math.max(1, highest) * 1.05],
    label: `${name}: ${head.many} by month, ${spelled(FIRST)} to ${spelled(end)}`});
  const from = Math.max(FIRST, monthNumber(state.from)), to = Math.min(end, monthNumber(state.to));
  frame.svg.append(shape("rect", {class: "period", x: frame.x(from - 0.5), width: Math.max(0, frame.x(to + 0.5) - frame.x(from - 0.5)),
    y: frame.top, height: frame.bottom - frame.top}));
  axisY(frame, ticks(0, Math.max(1, highest), 4).filter(Number.isInteger), v => fixed(v, 0));
  axisX(frame, years(FIRST, end), month => Math.floor(month / 12));
  const width = frame.x(1) - frame.x(0);
  for (const [month, value] of series) {
    const missing = value !== value;
    if (value === 0) continue;
    frame.svg.append(shape("rect", {class: missing ? "missing" : "column", x: frame.x(month) - width * 0.42, width: width * 0.84,
      y: missing ? frame.top : frame.y(value), height: frame.bottom - (missing ? frame.top : frame.y(value))},
      shape("title", {}, `${spelled(month)}: ${missing ? "not observed" : plural(value, head.one, head.many)}`)));
  }
  const wide = figure(`${head.many[0].toUpperCase()}${head.many.slice(1)} by month; shaded: the months compared`, "", make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": `History of ${name}`}, frame.svg));
  wide.classList.add("history");
  return wide;
}

const provinceButton = place => make("button", {type: "button", class: "name", title: "Open this province",
  onclick: () => openProvince(place)}, head.places[place]);

function openProvince(place) {
  change({province: place < PROVINCES ? head.places[place] : "total"}, true);
  document.getElementById("province-title").focus();
}
