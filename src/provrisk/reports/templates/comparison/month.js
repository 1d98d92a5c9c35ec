// All forecasts for one province and month, also those not ranked, and the observed count.
function cellDetail(state, place, month) {
  const horizon = leadIn(state), origin = originMonths.indexOf(month - head.horizons[horizon]);
  const own = came(place, month), measure = measureOf(state);
  const title = `${head.places[place]}, ${spelled(month)}, ${leadWords(head.horizons[horizon])}: ` +
    (own === own ? `${plural(own, head.one, head.many)} observed` : "not observed");
  if (origin < 0) return [make("h3", {}, title), make("p", {}, "No forecast with this lead is stored.")];
  const cell = cellOf(place, horizon, origin), at = (key, c) => has(key, c) ? valuesOf(key, c)[cell] : NaN;
  const rows = CONTENDERS.map((one, c) => ({one, c, said: [at("median", c), at("mean", c)].find(v => v === v)}))
    .filter(row => row.said === row.said);
  if (!rows.length) return [make("h3", {}, title), make("p", {}, "There is no forecast of it.")];
  const high = Math.max(1, own || 0, ...rows.filter(row => !row.one.other).flatMap(row => [row.said, at("high_90", row.c) || 0]));
  const interval = (row, level) => at(`low_${level}`, row.c) === at(`low_${level}`, row.c)
    ? `${fixed(at(`low_${level}`, row.c), 0)} to ${fixed(at(`high_${level}`, row.c), 0)}` : "";
  const columns = [
    {key: "name", head: "Model", text: true, value: row => row.one.title, cell: row => row.one.title},
    {key: "said", head: "Median", title: `In ${head.many}; the mean if there is no median`, value: row => row.said, cell: row => fixed(row.said, 0)},
    ...[50, 80, 90].map(level => ({key: `i${level}`, head: `${level} % interval`, value: row => at(`high_${level}`, row.c), cell: row => interval(row, level)})),
    {key: "loss", head: measure.label, value: row => at(state.score, row.c), cell: row => fixed(at(state.score, row.c), measure.digits)},
    {key: "picture", head: "Intervals and observed", text: true, value: row => row.said, cell: row => row.one.other ? "" : rangePicture(row, own, high, at)},
    {key: "note", head: "Note", text: true, value: row => remark(row, cell, origin, month), cell: row => remark(row, cell, origin, month)},
  ];
  return [scrolling("Table: all forecasts of this month", sortedTable("month", title, columns, rows, "loss"))];
}

function remark({one, c}, cell, origin, month) {
  const issued = one.issued[head.origins[origin]];
  const parts = [issued ? `issued ${issued}${daysBefore(issued, month)}` : "", isNowcast(c, cell) ? "nowcast" : "", one.barred ?? ""];
  return parts.filter(Boolean).join("; ");
}

// The lead in days: a horizon counts whole months from the last that was over, so it hides how early a forecast was.
function daysBefore(day, month) {
  const days = (Date.UTC(Math.floor(month / 12), month % 12, 1) - Date.parse(day)) / 864e5;
  return days > 0 ? `, ${plural(days, "day", "days")} before the month` : "";
}

function rangePicture({c, said}, own, high, at) {
  const frame = chart({width: 150, height: 18, left: 4, right: 4, top: 2, bottom: 2, x: [0, high], y: [0, 1], label: ""});
  frame.svg.setAttribute("aria-hidden", "true");
  frame.svg.setAttribute("class", "range");
  for (const level of [90, 80, 50]) if (at(`low_${level}`, c) === at(`low_${level}`, c))
    frame.svg.append(shape("line", {class: `band b${level}`, x1: frame.x(at(`low_${level}`, c)), x2: frame.x(at(`high_${level}`, c)) + 0.5, y1: 9, y2: 9}));
  frame.svg.append(shape("line", {class: "median", x1: frame.x(said), x2: frame.x(said), y1: 3, y2: 15}));
  if (own === own) frame.svg.append(shape("circle", {class: "came", cx: frame.x(own), cy: 9, r: 3.5}));
  return frame.svg;
}
