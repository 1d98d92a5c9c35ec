// Skill by horizon, a small chart for each model, all on one scale; values below it are marked at the edge with the number.
const LOWEST = -0.3;

function skillByHorizon(state, contenders) {
  const benchmark = indexOf(state.against), others = contenders.filter(c => c !== benchmark);
  if (!contenders.includes(benchmark) || !others.length) return [];
  const {list} = sharedCells({...state, horizon: "all"}, contenders);
  const found = head.horizons.map((_, h) => {
    const cells = list.filter(cell => horizonOf(cell) === h);
    return cells.length ? skills(state, cells, others, benchmark) : new Map();
  });
  const values = found.flatMap(map => [...map.values()].flatMap(s => [s.skill, s.low, s.high])).filter(Number.isFinite);
  const low = Math.max(LOWEST, Math.min(-0.1, ...values)), high = Math.min(1, Math.max(0.1, ...values));
  const order = new Map(leaderOrder(state, contenders).map((c, i) => [c, i]));
  return others.sort((a, b) => order.get(a) - order.get(b)).map(c => horizonChart(c, found, low, high));
}

function horizonChart(c, found, low, high) {
  const title = CONTENDERS[c].title, points = found.map(map => map.get(c));
  const words = points.map((p, h) => p ? `${head.horizons[h]}: ${percent(p.skill)}` : "").filter(Boolean).join(", ");
  const frame = chart({x: [0.5, HORIZONS + 0.5], y: [low, high], height: 150, left: 40,
    label: `Skill of ${title} by months ahead: ${words}`});
  axisY(frame, ticks(low, high, 4), share);
  axisX(frame, head.horizons.map((_, h) => h + 1), at => head.horizons[at - 1]);
  frame.svg.append(shape("line", {class: "zero", x1: frame.left, x2: frame.right, y1: frame.y(0), y2: frame.y(0)}));
  const within = value => frame.y(Math.max(low, Math.min(high, value)));
  points.forEach((p, h) => {
    if (!p || !Number.isFinite(p.skill)) return;
    const x = frame.x(h + 1), y = within(p.skill);
    const mark = p.skill < low
      ? [shape("path", {class: "mark", d: `M${x - 4} ${y - 7}h8l-4 7Z`}), shape("text", {class: "tick", x, y: y - 10, "text-anchor": "middle"}, share(p.skill))]
      : [bounded(p) ? shape("line", {class: "bar", x1: x, x2: x, y1: within(p.low), y2: within(p.high)}) : null, shape("circle", {class: "mark", cx: x, cy: y, r: 4})];
    frame.svg.append(shape("g", {class: p.verdict}, ...mark, shape("title", {},
      `${leadWords(head.horizons[h])}: ${percent(p.skill)}${bounded(p) ? ` (${intervalWords(p)})` : ""}, ${p.verdict}`)));
  });
  return figure(title, "", frame.svg);
}

// Contenders by mean loss under the filters, lowest first.
function leaderOrder(state, contenders) {
  const {list} = sharedCells(state, contenders);
  const losses = new Map(contenders.map(c => [c, mean(valuesOf(state.score, c), list)]));
  return [...contenders].sort((a, b) => losses.get(a) - losses.get(b));
}
