// The selection, stored in the address, and the parts drawn again when it changes.
const form = document.getElementById("filters");
const targets = originMonths.flatMap(origin => head.horizons.map(horizon => origin + horizon));
const [FIRST_TARGET, LAST_TARGET] = [monthLabel(Math.min(...targets)), monthLabel(Math.max(...targets))];
const single = {province: "all", horizon: "all", from: FIRST_TARGET, to: LAST_TARGET, score: head.score,
  skill: "benchmark", against: head.benchmark, calendar: "pair", origin: "every", event: head.events.at(-1)?.key};
const opening = () => ({...single, first: FIRST_TARGET, last: LAST_TARGET, models: head.ranked.map(indexOf).sort((a, b) => a - b),
  shown: indexOf(head.ranked.find(name => name !== head.benchmark) ?? head.benchmark), at: null});
let state = opening();

function filterWords({province, horizon, from, to}) {
  const where = {all: "all provinces", active: "active provinces", total: "sum over provinces"}[province] ?? province;
  return `${where}, ${horizon === "all" ? "all horizons" : leadWords(Number(horizon))}, ${spelled(monthNumber(from))} to ${spelled(monthNumber(to))}`;
}

// The address has the differences from the first view, so that a view can be shared.
function toAddress() {
  const said = new URLSearchParams(), start = opening();
  for (const key of Object.keys(single)) if (state[key] !== start[key]) said.set(key, state[key]);
  if (state.models.join() !== start.models.join()) said.set("models", state.models.map(c => CONTENDERS[c].name).join(","));
  if (state.shown !== start.shown) said.set("shown", CONTENDERS[state.shown].name);
  return `#${said}`;
}

function fromAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  state = {...opening(), at: state.at};
  for (const key of Object.keys(single)) {
    const options = [...form.elements[key]?.options ?? document.getElementById(key).options].map(option => option.value);
    if (options.includes(said.get(key))) state[key] = said.get(key);
  }
  const named = (said.get("models") ?? "").split(",").map(indexOf).filter(c => c >= 0 && !CONTENDERS[c].barred);
  if (named.length) state.models = [...new Set(named)].sort((a, b) => a - b);
  const shown = indexOf(said.get("shown"));
  if (shown >= 0) state.shown = shown;
}

function change(news, turn = false) {
  state = {...state, ...news};
  if (state.from > state.to) state = {...state, ...(news.from ? {to: state.from} : {from: state.to})};
  remember(turn || "province" in news);
  draw();
}

function remember(turn) {
  const address = toAddress();
  if (address !== (location.hash || "#")) history[turn ? "pushState" : "replaceState"](null, "", address);
}

const put = (id, ...content) => document.getElementById(id).replaceChildren(...content.flat().filter(Boolean));

function showControls() {
  for (const key of Object.keys(single)) (form.elements[key] ?? document.getElementById(key)).value = state[key];
  form.elements.shown.value = CONTENDERS[state.shown].name;
  for (const box of form.querySelectorAll("input[name=model]")) box.checked = state.models.includes(indexOf(box.value));
  document.getElementById("chosen").textContent = `${state.models.length} of ${CONTENDERS.length}`;
}

function draw() {
  showControls();
  const contenders = compared(state), {list, own} = sharedCells(state, contenders);
  put("cells", cellWords(state, list, own));
  put("board", list.length ? leaderboard(state, list, contenders) : null, standApart(state, contenders));
  const page = document.getElementById("province-page");
  page.hidden = !isOneProvince(state) && state.province !== "total";
  put("province-page", page.hidden ? [] : provincePage(state));
  put("horizon-charts", list.length ? skillByHorizon(state, contenders) : []);
  put("calendar-grid", calendar(state, contenders));
  put("calendar-cell", state.at ? cellDetail(state, state.at.place, state.at.month) : []);
  put("fan-charts", fans(state));
  put("calibration-charts", calibration(state, contenders, judgedCells(state, list)));
  put("miss-table", misses(state));
  put("lead-words", state.origin === "every" ? leadWords(head.horizons[leadIn(state)]) : `from ${spelled(monthNumber(state.origin))}`);
}

function showCell(place, month) {
  if (state.at?.place === place && state.at.month === month) return;
  state.at = {place, month};
  put("calendar-cell", cellDetail(state, place, month));
}

function options(select, pairs) {
  select.replaceChildren(...pairs.map(([value, words]) => make("option", {value}, words)));
}

function furnish() {
  const fields = form.elements, all = [];
  for (let month = monthNumber(FIRST_TARGET); month <= monthNumber(LAST_TARGET); month++) all.push([monthLabel(month), spelled(month)]);
  const free = CONTENDERS.filter(one => !one.barred);
  options(fields.province, [["all", "all provinces"], ["active", "active provinces"],
    ...(PLACES > PROVINCES ? [["total", `${head.places.at(-1)}, the sum`]] : []),
    ...head.places.slice(0, PROVINCES).map(name => [name, name]).sort((a, b) => a[0].localeCompare(b[0], "en"))]);
  options(fields.horizon, [["all", "all horizons"], ...head.horizons.map(h => [h, leadWords(h)])]);
  options(fields.from, all);
  options(fields.to, all);
  options(fields.score, head.measures.map(one => [one.key, one.label]));
  options(fields.skill, [["benchmark", "against the benchmark"], ["relative", "relative to every other"]]);
  options(fields.shown, CONTENDERS.map(one => [one.name, one.title]));
  options(fields.against, free.map(one => [one.name, one.title]));
  options(document.getElementById("origin"), [["every", "every origin, one lead"], ...head.origins.map((label, i) => [label, `the fan from ${spelled(originMonths[i])}`])]);
  options(document.getElementById("event"), head.events.map(one => [one.key, one.label]));
  put("boxes", CONTENDERS.map(one => make("label", {class: one.barred ? "barred" : null, title: one.barred},
    make("input", {type: "checkbox", name: "model", value: one.name, disabled: Boolean(one.barred)}), ` ${one.title}`,
    one.kind === "model" ? null : make("span", {class: "kind"}, one.kind))));
}

function listen() {
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("change", event => {
    const {name, value} = event.target;
    if (name === "model") {
      const models = [...form.querySelectorAll("input[name=model]:checked")].map(box => indexOf(box.value));
      return models.length ? change({models}) : showControls();   // at least one stays
    }
    const models = name === "against" || name === "shown" ? withModel(indexOf(value)) : state.models;
    change({[name]: name === "shown" ? indexOf(value) : value, models});
  });
  for (const id of ["calendar", "origin", "event"]) document.getElementById(id).addEventListener("change", event => change({[id]: event.target.value}));
  document.getElementById("reset").addEventListener("click", () => { change({...opening()}); });
  addEventListener("popstate", () => { fromAddress(); draw(); });
}

const withModel = c => state.models.includes(c) || CONTENDERS[c].barred ? state.models : [...state.models, c].sort((a, b) => a - b);

async function start() {
  await unpack();
  furnish();
  listen();
  fromAddress();
  for (const hidden of document.querySelectorAll("[data-script]")) hidden.hidden = false;
  draw();
  document.documentElement.dataset.ready = "yes";
}

start().catch(error => {
  document.getElementById("old-browser").hidden = false;
  document.documentElement.dataset.ready = "no";
  console.error(error);
});
