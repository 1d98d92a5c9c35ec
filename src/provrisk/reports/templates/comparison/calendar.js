// Month by province: who was nearer, in colour; arrow keys walk, Enter opens the province.
const HUES = 7;                                       // colours that can be told apart; whoever comes after shares grey

// Losses of a place and target month, summed over the horizons in the filter, for those who have all of its cells.
function lossesAt(state, contenders, place, month) {
  const losses = contenders.map(() => 0);
  let number = 0;
  for (const horizon of horizonsIn(state)) {
    const origin = originMonths.indexOf(month - head.horizons[horizon]);
    if (origin < 0 || (state.province === "active" && !isActive(place, origin))) continue;
    const cell = cellOf(place, horizon, origin);
    const here = contenders.map(c => isNowcast(c, cell) ? NaN : valuesOf(state.score, c)[cell]);
    if (here.some(v => v !== v)) continue;
    here.forEach((v, i) => { losses[i] += v; });
    number++;
  }
  return number ? losses.map(v => v / number) : null;
}

function judged(state, contenders, order, place, month) {
  const measure = measureOf(state), own = came(place, month);
  const prefix = `${head.places[place]}, ${spelled(month)}: ${own === own ? `${plural(own, head.one, head.many)} came` : "not observed"}`;
  const against = indexOf(state.against);
  if (state.calendar === "nearest") {
    const losses = lossesAt(state, contenders, place, month);
    if (!losses) return {kind: "none", words: `${prefix}; no shared forecast`};
    const best = Math.min(...losses), nearest = contenders.filter((_, i) => losses[i] <= best + 1e-9);
    if (Math.max(...losses) - best < measure.near) return {kind: "even", words: `${prefix}; all about equally near`};
    const winner = nearest.sort((a, b) => order.indexOf(a) - order.indexOf(b))[0], rank = order.indexOf(winner);
    return {kind: `hue${Math.min(rank, HUES)}`, winner, words: `${prefix}; nearest: ${nearest.map(c => CONTENDERS[c].title).join(", ")}`};
  }
  const losses = lossesAt(state, [state.shown, against], place, month);
  if (!losses) return {kind: "none", words: `${prefix}; no shared forecast`};
  const gap = losses[1] - losses[0], size = Math.abs(gap);
  if (size < measure.near) return {kind: "even", words: `${prefix}; about even`};
  const winner = gap > 0 ? state.shown : against;
  return {kind: (gap > 0 ? "ours" : "theirs") + (size >= measure.far ? " far" : ""), winner,
    words: `${prefix}; ${CONTENDERS[winner].title} nearer by ${fixed(size, measure.digits)} ${measure.unit}`};
}

function calendar(state, contenders) {
  const from = monthNumber(state.from), to = monthNumber(state.to), months = [];
  for (let month = from; month <= to; month++) months.push(month);
  const order = leaderOrder(state, contenders), counts = new Map();
  const pair = [state.shown, indexOf(state.against)];
  const rows = placesIn(state).map(place => {
    const cells = months.map(month => {
      const found = judged(state, contenders, order, place, month);
      counts.set(found.kind, (counts.get(found.kind) ?? 0) + 1);
      return make("td", {role: "gridcell", tabindex: -1, class: found.kind + (month % 12 === 0 ? " january" : ""),
        "aria-label": found.words, title: found.words, "data-place": place, "data-month": month});
    });
    return make("tr", {role: "row"}, make("th", {role: "rowheader", scope: "row"}, provinceButton(place),
      state.calendar === "pair" ? make("span", {class: "soft"}, pairSkill(state, pair, place)) : null), ...cells);
  });
  const groups = [];
  for (const month of months) {
    const year = Math.floor(month / 12);
    if (groups.at(-1)?.year === year) groups.at(-1).span++; else groups.push({year, span: 1});
  }
  const heads = groups.map(({year, span}) => make("th", {role: "columnheader", scope: "colgroup", colspan: span}, span > 3 ? String(year) : ""));
  const grid = make("table", {class: "calendar", role: "grid", "aria-label": "Who was nearer, by province and target month"},
    make("thead", {role: "rowgroup"}, make("tr", {role: "row"}, make("td", {role: "gridcell"}), ...heads)),
    make("tbody", {role: "rowgroup"}, ...rows));
  walkable(grid, state);
  return [legend(state, order, counts), make("div", {class: "scroll"}, grid)];
}

function pairSkill(state, pair, place) {
  if (pair[0] === pair[1]) return "";
  const {list} = sharedCells({...state, province: place < PROVINCES ? head.places[place] : "total"}, pair);
  const active = state.province === "active" ? list.filter(cell => isActive(place, originOf(cell))) : list;
  return active.length ? percent(1 - mean(valuesOf(state.score, pair[0]), active) / mean(valuesOf(state.score, pair[1]), active)) : "";
}

function legend(state, order, counts) {
  const measure = measureOf(state), unit = measure.unit && ` ${measure.unit}`;
  const ours = CONTENDERS[state.shown].title, theirs = titleOf(state.against);
  const entries = state.calendar === "nearest"
    ? [...order.slice(0, HUES).map((c, i) => [`hue${i}`, CONTENDERS[c].title]),
      ...(order.length > HUES ? [[`hue${HUES}`, "one of the others"]] : []), ["even", `all within ${measure.near}${unit}`]]
    : [["ours far", `${ours} nearer by ${measure.far}${unit} or more`], ["ours", `by ${measure.near} to ${measure.far}`], ["even", "about even"],
      ["theirs", `${theirs} nearer by ${measure.near} to ${measure.far}`], ["theirs far", `by ${measure.far}${unit} or more`]];
  return make("ul", {class: "legend"}, ...entries.map(([kind, words]) => make("li", {}, make("span", {class: `key ${kind}`}),
    `${words} `, make("span", {class: "soft"}, `${fixed(counts.get(kind) ?? 0, 0)}`))));
}

// One cell is in the tab order; arrows, Home and End move it, and what it stands for is told below.
function walkable(grid, state) {
  const cells = [...grid.tBodies[0].rows].map(row => [...row.cells].slice(1));
  if (!cells.length || !cells[0].length) return;
  const to = (r, c) => {
    const cell = cells[Math.max(0, Math.min(cells.length - 1, r))][Math.max(0, Math.min(cells[0].length - 1, c))];
    grid.querySelectorAll("td[tabindex='0']").forEach(one => one.setAttribute("tabindex", -1));
    cell.setAttribute("tabindex", 0);
    return cell;
  };
  const tell = cell => showCell(state, Number(cell.dataset.place), Number(cell.dataset.month));
  const start = cells.findIndex(row => Number(row[0].dataset.place) === state.at?.place);
  const column = state.at ? cells[0].findIndex(cell => Number(cell.dataset.month) === state.at.month) : -1;
  to(Math.max(0, start), column < 0 ? cells[0].length - 1 : column);
  grid.addEventListener("keydown", event => {
    if (event.target.tagName !== "TD") return;
    const r = cells.findIndex(row => row.includes(event.target)), c = cells[r].indexOf(event.target);
    const moves = {ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], ArrowUp: [r - 1, c], ArrowDown: [r + 1, c],
      Home: [r, 0], End: [r, cells[0].length - 1]};
    if (event.key in moves) { event.preventDefault(); to(...moves[event.key]).focus(); }
    else if (event.key === "Enter") openProvince(Number(event.target.dataset.place));
  });
  grid.addEventListener("focusin", event => { if (event.target.tagName === "TD") tell(event.target); });
  grid.addEventListener("click", event => {
    if (event.target.dataset.month) { to(cells.findIndex(row => row.includes(event.target)), event.target.cellIndex - 1).focus(); }
  });
}
