"use strict";
const D = JSON.parse(document.getElementById("data").textContent), W = D.words;
const $ = id => document.getElementById(id);
const fill = (words, gaps) => words.replace(/\{(\w+)\}/g, (all, key) => gaps[key] ?? all);
const number = new Intl.NumberFormat(D.locale, {maximumFractionDigits: 1});
const long = new Intl.DateTimeFormat(D.locale, {month: "long", year: "numeric", timeZone: "UTC"});
const spelled = month => long.format(new Date(month + "-01T00:00:00Z"));
const issued = new Map(D.issues.map(issue => [issue.month, issue]));
const every = [...new Set([...D.months, ...Object.keys(D.tested), ...issued.keys()])].sort();
const row = new Map(D.months.map((month, i) => [month, D.observed[i]]));
const state = {at: 0, by: "observed", place: 0, timer: 0};

// The forecast for a month and a place: as issued, else as tested afterwards, as [low, median, high, how].
function said(month, at) {
  const own = issued.get(month)?.forecast[at];
  if (own) return [own[1], own[2], own[3], "issue", own[0]];
  const test = D.tested[month]?.[at];
  return test ? [...test, "test"] : null;
}
const seen = (month, at) => row.get(month)?.[at] ?? null;
const between = (low, high) => fill(W.between, {low: number.format(low), high: number.format(high)});
const level = count => D.thresholds.filter(bound => count >= bound).length;

function element(name, attributes = {}, text) {
  const svg = ["svg", "g", "rect", "line", "circle", "text", "title", "path"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function total(month) {
  const values = row.get(month);
  if (!values || values.includes(null)) return null;
  return values.reduce((a, b) => a + b, 0);
}

function showMonth() {
  const month = every[state.at], sum = total(month), issue = issued.get(month);
  const parts = [sum === null ? `${spelled(month)}: ${W.missing}` : fill(W.total, {month: spelled(month), n: number.format(sum)})];
  if (issue?.total.length) parts.push(fill(W.said, {median: number.format(issue.total[2]), interval: between(issue.total[1], issue.total[3])}));
  $("said").textContent = parts.join("; ");
  $("month").value = state.at;
  $("month").setAttribute("aria-valuetext", spelled(month));
  for (const path of document.querySelectorAll("#map path")) {
    const at = +path.dataset.at, own = said(month, at);
    const count = state.by === "observed" ? seen(month, at) : own && own[1];
    const shade = count === null ? "" : `shade-${D.shades[level(count)]}`;
    path.setAttribute("class", `${shade} ${at === state.place ? "chosen" : ""}`);
    path.firstChild.textContent = `${D.names[at]}: ${count === null ? W.missing : number.format(count)}`;
  }
  const order = D.names.map((_, at) => at).sort((a, b) => (seen(month, b) ?? -1) - (seen(month, a) ?? -1)
    || (said(month, b)?.[4] ?? said(month, b)?.[1] ?? -1) - (said(month, a)?.[4] ?? said(month, a)?.[1] ?? -1));
  $("rows").replaceChildren(...order.map(at => {
    const line = element("tr", at === state.place ? {class: "chosen"} : {}), own = said(month, at), count = seen(month, at);
    line.append(element("th", {scope: "row"}, D.names[at]), element("td", {}, count === null ? W.missing : number.format(count)),
      element("td", {}, own ? number.format(own[4] ?? own[1]) : W.none), element("td", {}, own ? between(own[0], own[2]) : ""));
    return line;
  }));
}

function scaled(svg, width, height, top, columns) {
  const x = i => 58 + (i + 0.5) * (width - 68) / columns, y = value => height - 22 - value / top * (height - 32);
  for (const part of [0, 0.5, 1]) {
    const value = Math.round(top * part);
    svg.append(element("text", {x: 52, y: y(value) + 4, "text-anchor": "end"}, number.format(value)));
  }
  return [x, y];
}

function years(svg, list, x, height) {
  const step = Math.ceil(list.length / 12 / 12) || 1;
  list.forEach((month, i) => {
    if (month.endsWith("-01") && +month.slice(0, 4) % step === 0)
      svg.append(element("text", {x: x(i), y: height - 5, "text-anchor": "middle"}, month.slice(0, 4)));
  });
}

function showPlace() {
  const at = state.place, width = 1100, height = 220, last = D.issues.at(-1), ahead = last?.ahead[at] ?? [];
  const list = [...every];
  const start = list.indexOf(D.months.at(-1)) + 1;
  while (list.length < start + ahead.length) {
    const day = new Date(list.at(-1) + "-01T00:00:00Z");
    day.setUTCMonth(day.getUTCMonth() + 1);
    list.push(day.toISOString().slice(0, 7));
  }
  const spans = list.map((month, i) => said(month, at) ?? (i >= start && ahead[i - start] ? [...ahead[i - start], "issue"] : null));
  const top = Math.max(1, ...list.map(month => seen(month, at) ?? 0), ...spans.map(span => span ? span[2] : 0));
  const svg = element("svg", {viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true"});
  const [x, y] = scaled(svg, width, height, top, list.length), thick = Math.max(1, (width - 68) / list.length * 0.7);
  list.forEach((month, i) => {
    const count = seen(month, at), span = spans[i];
    if (count) svg.append(element("rect", {class: "seen", x: x(i) - thick / 2, width: thick, y: y(count), height: y(0) - y(count)}));
    if (span) svg.append(element("line", {class: span[3] === "issue" ? "said" : "test", x1: x(i), x2: x(i), y1: y(span[0]), y2: y(span[2]), "stroke-width": Math.max(1.5, thick / 2), opacity: 0.8}));
  });
  years(svg, list, x, height);
  $("history").replaceChildren(svg);
  $("history-title").textContent = fill(W.history, {place: D.names[at]});
  $("place").value = at;
  const here = D.drivers.filter(([, , places]) => !places.length || places.includes(at));
  $("events").replaceChildren(...(here.length ? here.map(([month, name]) => element("li", {}, `${spelled(month)}: ${name}`)) : [element("li", {}, W.noevents)]));
}

function showRecord() {
  const list = D.issues.filter(issue => issue.total.length), width = 1100, height = 200;
  if (!list.length) return;
  const svg = element("svg", {viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true"});
  const top = Math.max(1, ...list.map(issue => Math.max(issue.total[3], issue.came.total ?? 0)));
  const [x, y] = scaled(svg, width, height, top, list.length), thick = Math.min(14, (width - 68) / list.length * 0.6);
  list.forEach((issue, i) => {
    const came = issue.came.total, [, low, , high] = issue.total;
    svg.append(element("line", {class: "said", x1: x(i), x2: x(i), y1: y(low), y2: y(Math.max(high, low + top / 200)), "stroke-width": thick, opacity: 0.55}));
    if (came !== undefined) svg.append(element("circle", {class: came < low || came > high ? "miss" : "seen", cx: x(i), cy: y(came), r: Math.max(2, thick / 3)}));
  });
  if (list.length <= 24) list.forEach((issue, i) => svg.append(element("text", {x: x(i), y: height - 5, "text-anchor": "middle"}, issue.month)));
  else years(svg, list.map(issue => issue.month), x, height);
  $("record").replaceChildren(svg);
  const scored = list.filter(issue => issue.came.provinces);
  const inside = scored.reduce((n, issue) => n + issue.came.inside, 0), all = scored.reduce((n, issue) => n + issue.came.provinces, 0);
  $("summary").textContent = W.record + (all ? `: ${number.format(100 * inside / all)} % (${number.format(inside)} / ${number.format(all)}) ${W.inside}` : "");
  const worst = D.issues.flatMap(issue => issue.misses.map(miss => [issue.month, ...miss])).sort((a, b) => b[5] - a[5]).slice(0, 8);
  $("misses").replaceChildren(...worst.map(([month, at, came, low, high]) => element("li", {},
    `${D.names[at]}, ${spelled(month)}: ${W.observed} ${number.format(came)}, ${W.forecast} ${between(low, high)}`)));
}

function go(at) { state.at = Math.min(Math.max(at, 0), every.length - 1); showMonth(); }
function choose(at) { state.place = at; showPlace(); showMonth(); }
function play(on) {
  clearInterval(state.timer);
  const slow = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1500 : 250;
  if (on && state.at === every.length - 1) go(0);
  state.timer = on ? setInterval(() => { go(state.at + 1); if (state.at === every.length - 1) play(false); }, slow) : 0;
  $("play").textContent = on ? W.pause : W.play;
  $("play").setAttribute("aria-pressed", String(on));
  $("said").setAttribute("aria-live", on ? "off" : "polite");
}

$("place").replaceChildren(...D.names.map((name, at) => element("option", {value: at}, name)));
$("month").max = every.length - 1;
$("month").addEventListener("input", event => { play(false); go(+event.target.value); });
$("play").addEventListener("click", () => play(!state.timer));
$("place").addEventListener("change", event => choose(+event.target.value));
for (const radio of document.querySelectorAll("[name=by]")) radio.addEventListener("change", () => { state.by = radio.value; showMonth(); });
$("map")?.addEventListener("click", event => { if (event.target.dataset.at) choose(+event.target.dataset.at); });
const newest = D.issues.at(-1);
if (newest) {
  const risk = newest.forecast.map(figures => figures ? figures[0] : -1);
  state.place = risk.indexOf(Math.max(...risk));
  if (seen(newest.month, 0) === null) { state.by = "forecast"; document.querySelector("[value=forecast]").checked = true; }
}
state.at = newest ? every.indexOf(newest.month) : every.length - 1;
showMonth(); showPlace(); showRecord();
