// Month by province: the better model, in colour; arrow keys move, Enter opens the province.
const HUES = 7;                                       // colours that can be told apart; whoever comes after shares grey

// Losses of a place and target month, summed over the horizons in the filter, for models with all of its cells.
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
  const prefix = `${head.places[place]}, ${spelled(month)}: ${own === own ? `${plural(own, head.one, head.many)} observed` : "not observed"}`;
  const against = indexOf(state.against);
  if (state.calendar === "nearest") {
    const losses = lossesAt(state, contenders, place, month);
    if (!losses) return {kind: "none", words: `${prefix}; no shared forecast`};
    const best = Math.min(...losses), nearest = order.filter(c => losses[contenders.indexOf(c)] <= best + 1e-9);
    if (Math.max(...losses) - best < measure.near) return {kind: "even", words: `${prefix}; all about equal`};
    return {kind: "won", winner: nearest[0], words: `${prefix}; best: ${nearest.map(c => CONTENDERS[c].title).join(", ")}`};
  }
  const losses = lossesAt(state, [state.shown, against], place, month);
  if (!losses) return {kind: "none", words: `${prefix}; no shared forecast`};
  const gap = losses[1] - losses[0], size = Math.abs(gap);
  if (size < measure.near) return {kind: "even", words: `${prefix}; about equal`};
  const winner = gap > 0 ? state.shown : against;
  return {kind: (gap > 0 ? "ours" : "theirs") + (size >= measure.far ? " far" : ""), winner,
    words: `${prefix}; ${CONTENDERS[winner].title} better by ${fixed(size, measure.digits)} ${measure.unit}`};
}

function calendar(state, contenders) {
  const from = monthNumber(state.from), to = monthNumber(state.to), months = [];
  for (let month = from; month <= to; month++) months.push(month);
  const order = leaderOrder(state, contenders), pair = [state.shown, indexOf(state.against)], counts = new Map();
  const places = placesIn(state), found = places.map(place => months.map(month => judged(state, contenders, order, place, month)));
  const count = key => counts.set(key, (counts.get(key) ?? 0) + 1);
  found.flat().forEach(one => count(one.kind === "won" ? one.winner : one.kind));
  const winners = order.filter(c => counts.has(c)).sort((a, b) => counts.get(b) - counts.get(a));   // the most often nearest first
  const rows = places.map((place, r) => {
    const cells = months.map((month, m) => {
      const {kind, winner, words} = found[r][m], hue = kind === "won" ? hueOf(winners.indexOf(winner)) : kind;
      return make("td", {role: "gridcell", tabindex: -1, class: hue + (month % 12 === 0 ? " january" : ""),
        "aria-label": words, title: words, "data-place": place, "data-month": month});
    });
    return make("tr", {role: "row"}, make("th", {role: "rowheader", scope: "row"}, make("span", {class: "row"}, provinceButton(place),
      state.calendar === "pair" ? make("span", {class: "soft"}, pairSkill(state, pair, place)) : null)), ...cells);
  });
  const groups = [];
  for (const month of months) {
    const year = Math.floor(month / 12);
    if (groups.at(-1)?.year === year) groups.at(-1).span++; else groups.push({year, span: 1});
  }
  const heads = groups.map(({year, span}) => make("th", {role: "columnheader", scope: "colgroup", colspan: span}, span > 3 ? String(year) : ""));
  const grid = make("table", {class: "calendar", role: "grid", "aria-label": "Better model, by province and target month"},
    make("thead", {role: "rowgroup"}, make("tr", {role: "row"}, make("td", {role: "gridcell"}), ...heads)),
    make("tbody", {role: "rowgroup"}, ...rows));
  walkable(grid, state);
  return [legend(state, winners, counts), make("div", {class: "scroll"}, grid)];
}

function pairSkill(state, pair, place) {
  if (pair[0] === pair[1]) return "";
  const {list} = sharedCells({...state, province: place < PROVINCES ? head.places[place] : "total"}, pair);
  const active = state.province === "active" ? list.filter(cell => isActive(place, originOf(cell))) : list;
  if (!active.length) return "";
  const [own, other] = pair.map(c => mean(valuesOf(state.score, c), active));
  return other < NO_LOSS ? "–" : percent(1 - own / other);
}

const hueOf = rank => `hue${Math.min(rank, HUES)}`;

function legend(state, winners, counts) {
  const measure = measureOf(state), {near, far} = measure, number = key => counts.get(key) ?? 0;
  const ours = CONTENDERS[state.shown].title, theirs = titleOf(state.against);
  const rest = winners.slice(HUES);
  const entries = state.calendar === "nearest"
    ? [...winners.slice(0, HUES).map((c, i) => [hueOf(i), CONTENDERS[c].title, number(c)]),
      ...(rest.length ? [[hueOf(HUES), "one of the others", rest.reduce((sum, c) => sum + number(c), 0)]] : []),
      ["even", `all within ${near}`, number("even")]]
    : [["ours far", `${ours} better by ${far} or more`], ["ours", `by ${near} to ${far}`], ["even", `within ${near}`],
      ["theirs", `${theirs} better by ${near} to ${far}`], ["theirs far", `by ${far} or more`]].map(([kind, words]) => [kind, words, number(kind)]);
  const items = entries.map(([kind, words, times]) => make("li", {}, make("span", {class: `key ${kind}`}), `${words} `,
    make("span", {class: "soft"}, fixed(times, 0))));
  const said = `difference of ${measure.label}${measure.unit ? ` in ${measure.unit}` : ""}; in grey the number of months`;
  return make("ul", {class: "legend"}, ...items, make("li", {class: "soft"}, said));
}

// One cell is in the tab order; arrows, Home and End move it, and its content is shown below.
function walkable(grid, state) {
  const cells = [...grid.tBodies[0].rows].map(row => [...row.cells].slice(1));
  if (!cells.length || !cells[0].length) return;
  const to = (r, c) => {
    const cell = cells[Math.max(0, Math.min(cells.length - 1, r))][Math.max(0, Math.min(cells[0].length - 1, c))];
    grid.querySelectorAll("td[tabindex='0']").forEach(one => one.setAttribute("tabindex", -1));
    cell.setAttribute("tabindex", 0);
    return cell;
  };
  const tell = cell => showCell(Number(cell.dataset.place), Number(cell.dataset.month));
  const go = (r, c) => { const cell = to(r, c); cell.focus(); tell(cell); };
  const start = cells.findIndex(row => Number(row[0].dataset.place) === state.at?.place);
  const column = state.at ? cells[0].findIndex(cell => Number(cell.dataset.month) === state.at.month) : -1;
  to(Math.max(0, start), column < 0 ? cells[0].length - 1 : column);
  grid.addEventListener("keydown", event => {
    if (event.target.tagName !== "TD") return;
    const r = cells.findIndex(row => row.includes(event.target)), c = cells[r].indexOf(event.target);
    const moves = {ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], ArrowUp: [r - 1, c], ArrowDown: [r + 1, c],
      Home: [r, 0], End: [r, cells[0].length - 1]};
    if (event.key in moves) { event.preventDefault(); go(...moves[event.key]); }
    else if (event.key === "Enter") openProvince(Number(event.target.dataset.place));
  });
  grid.addEventListener("focusin", event => { if (event.target.tagName === "TD") tell(event.target); });
  grid.addEventListener("click", event => {
    if (event.target.dataset.month) go(cells.findIndex(row => row.includes(event.target)), event.target.cellIndex - 1);
  });
}
