// Which cells are compared under the filters of `state`.
function placesIn(state) {
  if (state.province === "total") return [PLACES - 1];
  if (state.province === "all" || state.province === "active") return [...Array(PROVINCES).keys()];
  return [head.places.indexOf(state.province)];
}

const isOneProvince = state => !["all", "active", "total"].includes(state.province);
const horizonsIn = state =>
  state.horizon === "all" ? [...Array(HORIZONS).keys()] : [head.horizons.indexOf(Number(state.horizon))];
const leadIn = state => horizonsIn(state)[0];         // where one lead must be shown
const isWhole = state => head.leaderboard.length > 0 && state.province === "all" && state.horizon === "all" && state.score === head.score
  && state.against === head.benchmark && state.from === state.first && state.to === state.last
  && state.models.length === head.ranked.length && head.ranked.every(name => state.models.includes(indexOf(name)));
const indexOf = name => CONTENDERS.findIndex(one => one.name === name);
const measureOf = state => head.measures.find(one => one.key === state.score);

// Contenders that are chosen and have the chosen score, in the order of the page.
const compared = state => state.models.filter(c => has(state.score, c));

function filtered(state, visit) {
  const places = placesIn(state), horizons = horizonsIn(state), from = monthNumber(state.from), to = monthNumber(state.to);
  for (const place of places) for (const horizon of horizons) for (let origin = 0; origin < ORIGINS; origin++) {
    const target = originMonths[origin] + head.horizons[horizon];
    if (target < from || target > to || (state.province === "active" && !isActive(place, origin))) continue;
    visit(cellOf(place, horizon, origin));
  }
}

// The cells that all of `contenders` have, forecast in time and observed; `own` counts what each has alone.
function sharedCells(state, contenders) {
  const list = [], own = new Map(contenders.map(c => [c, 0]));
  const losses = contenders.map(c => valuesOf(state.score, c));
  filtered(state, cell => {
    let all = contenders.length > 0;
    contenders.forEach((c, i) => {
      if (losses[i][cell] === losses[i][cell] && !isNowcast(c, cell)) own.set(c, own.get(c) + 1);
      else all = false;
    });
    if (all) list.push(cell);
  });
  for (const c of contenders) own.set(c, own.get(c) - list.length);
  return {list, own};
}

// Cells for calibration: of all provinces the active ones, since quiet provinces are easy to cover.
const judgedCells = (state, cells) =>
  state.province === "all" ? cells.filter(cell => isActive(placeOf(cell), originOf(cell))) : cells;
