// Mean scores: the leaderboard, and the models that are not ranked.
function leaderboardRows(state, cells, contenders) {
  const rows = againstBenchmark(state, cells, contenders);
  if (state.skill !== "relative") return rows;
  const relative = relativeSkills(state, contenders);
  return rows.map(row => ({...row, ...relative.get(row.c)}));
}

function againstBenchmark(state, cells, contenders) {
  if (isWhole(state)) return head.leaderboard.map(row => ({
    ...row, c: indexOf(row.name), loss: row.crps, active: row.crps_active, low: row.skill_low, high: row.skill_high,
    coverage: head.intervals.map(level => row[`coverage_${level}`]), auc: row.auc_escalation,
  }));
  const benchmark = indexOf(state.against);
  const skill = contenders.includes(benchmark) ? skills(state, cells, contenders, benchmark) : new Map();
  const active = cells.filter(cell => isActive(placeOf(cell), originOf(cell)));
  const judged = judgedCells(state, cells);
  return contenders.map(c => ({
    c, name: CONTENDERS[c].name, loss: mean(valuesOf(state.score, c), cells), active: mean(valuesOf(state.score, c), active),
    ...skill.get(c), log_score: has("log_score", c) ? mean(valuesOf("log_score", c), cells) : NaN,
    auc: has("p_escalation", c) ? auc(valuesOf("escalated"), valuesOf("p_escalation", c), cells) : NaN,
    bias: bias(c, cells), coverage: head.intervals.map(level => coverage(c, level, judged)),
  }));
}

function whisker(row, reach) {
  const frame = chart({width: 90, height: 18, left: 2, right: 2, top: 2, bottom: 2, x: [-reach, reach], y: [0, 1], label: ""});
  const within = value => frame.x(Math.max(-reach, Math.min(reach, value)));
  frame.svg.setAttribute("aria-hidden", "true");
  frame.svg.setAttribute("class", `whisker ${row.verdict}`);
  frame.svg.append(
    shape("line", {class: "zero", x1: frame.x(0), x2: frame.x(0), y1: 0, y2: 18}),
    ...(bounded(row) ? [shape("line", {class: "bar", x1: within(row.low), x2: within(row.high), y1: 9, y2: 9})] : []),
    Math.abs(row.skill) <= reach ? shape("circle", {class: "mark", cx: within(row.skill), cy: 9, r: 3.4})
      : shape("path", {class: "mark", d: row.skill < 0 ? "M9 5v8l-7 -4Z" : "M81 5v8l7 -4Z"}));
  return frame.svg;
}

function skillCell(row, state, reach) {
  if (row.name === state.against) return make("span", {class: "soft"}, "benchmark");
  if (row.skill === null || row.skill !== row.skill) return "";
  if (row.loss / (1 - row.skill) < NO_LOSS) return "–";
  return make("span", {class: "skill"}, whisker(row, reach), make("span", {}, percent(row.skill)),
    make("span", {class: "soft"}, bounded(row) ? intervalWords(row) : ""));
}

// The column of skill: against the benchmark, or relative to all other models.
function skillColumns(state, reach) {
  if (state.skill === "relative") return [
    {key: "skill", head: "Relative skill, 90 % interval", text: true, title: "Geometric mean of the ratios of its score to every other model's, each pair on its shared cells; below 1 is better",
      value: row => row.skill, cell: row => row.skill === row.skill ? make("span", {}, fixed(row.skill, 3), " ",
        make("span", {class: "soft"}, bounded(row) ? `${fixed(row.low, 3)} to ${fixed(row.high, 3)}` : "")) : ""},
    {key: "verdict", head: "Verdict", text: true, title: "Tie: the interval includes 1; too few: too few origins for an interval", value: row => row.verdict ?? "", cell: row => row.verdict ?? ""}];
  return [
    {key: "skill", head: `Skill against ${titleOf(state.against)}, 90 % interval`, text: true, down: true,
      title: "1 - score / score of the benchmark", value: row => row.name === state.against ? 0 : row.skill,
      cell: row => skillCell(row, state, reach)},
    {key: "verdict", head: "Verdict", text: true, title: "Tie: the interval includes zero; too few: too few origins or losses for an interval", value: row => row.verdict ?? "",
      cell: row => row.name === state.against ? "" : row.verdict ?? ""}];
}

function leaderboard(state, cells, contenders) {
  const rows = leaderboardRows(state, cells, contenders), measure = measureOf(state);
  const extent = rows.filter(row => row.name !== state.against && bounded(row)).flatMap(row => [Math.abs(row.low), Math.abs(row.high)]);
  const reach = Math.max(0.05, Math.min(-LOWEST, Math.max(...extent.filter(Number.isFinite), 0)));
  const number = (key, heading, digits, title, value = row => row[key], down = false) =>
    ({key, head: heading, title, value, down, cell: row => fixed(value(row), digits)});
  const columns = [
    {key: "name", head: "Model", text: true, value: row => CONTENDERS[row.c].title, cell: row => nameCell(state, row.c)},
    number("loss", measure.label, measure.digits, `Mean over the cells compared${measure.unit ? `, in ${measure.unit}` : ""}; lower is better`),
    number("active", `${measure.label}, active`, measure.digits, "The same in provinces that were active at the origin"),
    ...skillColumns(state, reach),
    number("log_score", "Log score", 3, "In nats; lower is better"),
    number("auc", "AUC", 2, "Of the probability of escalation; 1: every escalation had a higher probability than every other month; 0.5: chance", row => row.auc, true),
    number("bias", "Bias ratio", 2, "Sum of predicted over sum of observed; above 1 is too high"),
    {key: "coverage", head: "Coverage 50/80/90", title: "Share of observed counts in each central interval, in %, from the PIT: 50/80/90 if calibrated; with all provinces chosen, of the active ones. inside: in the closed interval, where a forecast has no draws",
      value: row => row.coverage[1], cell: row => row.coverage.map(share => fixed(100 * share, 0) || "–").join("/")
        + (has("pit", row.c) || !row.coverage.some(share => share === share) ? "" : " inside")},
  ];
  const caption = `Leaderboard: ${filterWords(state)}`;
  return scrolling("Table: leaderboard", sortedTable("leaderboard", caption, columns, rows, "loss",
    {row: row => row.c === state.shown ? {class: "shown"} : {}}));
}

const bounded = ({low, high}) => Number.isFinite(low) && Number.isFinite(high);
const intervalWords = ({low, high}) => `${nearZero(100 * low)} to ${nearZero(100 * high)}`;
const nearZero = value => signed(value, Math.abs(value) < 0.05 ? 2 : 1);   // +0.0 would hide on which side of zero it lies
const titleOf = name => CONTENDERS[indexOf(name)].title;

// What commands call it, where that is not its title.
const shortName = one => one.name === one.title ? null : make("span", {class: "soft short"}, one.name);

function nameCell(state, c) {
  return make("button", {type: "button", class: "name", "aria-pressed": String(c === state.shown),
    title: "Show this model in the charts below", onclick: () => change({shown: c})}, CONTENDERS[c].title, shortName(CONTENDERS[c]));
}

// Models that are not in the table, with reasons.
function standApart(state, contenders) {
  const measure = measureOf(state);
  const out = CONTENDERS.map((one, c) => [one, c]).filter(([one, c]) =>
    one.barred || !contenders.includes(c));
  if (!out.length) return null;
  const items = out.map(([one]) => make("li", {}, make("strong", {}, one.title),
    `: ${one.barred ?? (has(state.score, CONTENDERS.indexOf(one)) ? one.unchosen ?? "has too few of the shared cells, or was not selected: select it to rank it" : `has no ${measure.label}: choose another score, and select it`)}`));
  return make("div", {}, make("p", {}, "Not ranked:"), make("ul", {}, ...items));
}

function cellWords(state, cells, own) {
  if (!cells.length) return "No cell is shared by the chosen models under these filters: choose fewer models, or widen the filters.";
  const origins = new Set(cells.map(originOf)).size;
  const alone = [...own].filter(([, number]) => number).map(([c, number]) => `${CONTENDERS[c].title} ${fixed(number, 0)}`);
  return `${plural(cells.length, "cell", "cells")} of ${plural(origins, "origin", "origins")}, forecast by all ranked models.`
    + (alone.length ? ` Further cells, not shared by all:  ${alone.join(", ")}.` : "");
}
