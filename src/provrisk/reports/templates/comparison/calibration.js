// Calibration: PIT histograms, coverage and reliability diagrams.
const TENTH = 10;                                     // bins of the page's numbers in a tenth

function calibration(state, contenders, cells) {
  const order = leaderOrder(state, contenders);
  return order.map(c => {
    const pictures = [has("pit", c) ? pitChart(c, cells) : null, has(state.event, c) ? reliabilityChart(state, c, cells) : null];
    const shares = head.intervals.map(level => fixed(100 * coverage(c, level, cells), 0) || "–");
    if (!pictures.some(Boolean) && shares.every(share => share === "–")) return null;
    return figure(CONTENDERS[c].title, `${has("pit", c) ? "coverage" : "inside"} 50/80/90: ${shares.join("/")}`,
      make("div", {class: "pair"}, ...pictures.filter(Boolean)));
  }).filter(Boolean);
}

function pitChart(c, cells) {
  const counts = Array(10).fill(0), pit = valuesOf("pit", c);
  let number = 0;
  for (const cell of cells) if (pit[cell] === pit[cell]) { counts[Math.floor(pit[cell] / TENTH)]++; number++; }
  const shares = counts.map(count => count / (number || 1));
  const frame = chart({width: 170, height: 150, left: 36, right: 16, x: [0, 10], y: [0, Math.max(0.2, ...shares)],
    label: `PIT of ${CONTENDERS[c].title}: share of ${number} cells in each tenth, ${shares.map(s => fixed(100 * s, 0)).join(", ")} %; 10 % each if calibrated`});
  axisY(frame, ticks(0, Math.max(0.2, ...shares), 3), v => `${fixed(100 * v, 0)} %`);
  axisX(frame, [0, 5, 10], v => v / 10);
  shares.forEach((share, i) => frame.svg.append(shape("rect", {class: "column", x: frame.x(i) + 0.5, width: frame.x(1) - frame.x(0) - 1,
    y: frame.y(share), height: frame.bottom - frame.y(share)})));
  frame.svg.append(shape("line", {class: "ideal", x1: frame.left, x2: frame.right, y1: frame.y(0.1), y2: frame.y(0.1)}));
  return frame.svg;
}

// Points of the reliability diagram: mean probability and observed share, by tenth of the probability.
function reliabilityPoints(state, c, cells) {
  const given = valuesOf(state.event, c), threshold = Number(state.event.slice(2)), fine = state.event === "p_escalation";
  const bins = Array.from({length: 10}, () => ({sum: 0, came: 0, cells: 0}));
  for (const cell of cells) {
    const observed = came(placeOf(cell), targetOf(cell)), happened = fine ? valuesOf("escalated")[cell] : +(observed >= threshold);
    const p = fine ? given[cell] : (given[cell] + 0.5) / (10 * TENTH);
    if (p !== p || happened !== happened || observed !== observed) continue;
    const bin = bins[Math.min(9, Math.floor(p * 10 + 1e-9))];
    bin.sum += p; bin.came += happened; bin.cells++;
  }
  return bins.filter(bin => bin.cells).map(bin => ({forecast: bin.sum / bin.cells, frequency: bin.came / bin.cells, cells: bin.cells}));
}

function reliabilityChart(state, c, cells) {
  const found = reliabilityPoints(state, c, cells), number = found.reduce((sum, p) => sum + p.cells, 0);
  const event = head.events.find(one => one.key === state.event).label;
  const words = found.map(p => `${fixed(100 * p.forecast, 0)} % predicted, ${fixed(100 * p.frequency, 0)} % observed, ${p.cells} cells`);
  const frame = chart({width: 170, height: 150, left: 36, right: 16, x: [-0.04, 1.04], y: [-0.04, 1.04],
    label: `Reliability of ${CONTENDERS[c].title}, ${event}: ${words.join("; ")}`});
  axisY(frame, [0, 0.5, 1], v => `${fixed(100 * v, 0)} %`);
  axisX(frame, [0, 0.5, 1], v => `${fixed(100 * v, 0)} %`);
  frame.svg.append(shape("line", {class: "ideal", x1: frame.x(0), y1: frame.y(0), x2: frame.x(1), y2: frame.y(1)}));
  found.forEach((p, i) => frame.svg.append(shape("circle", {class: "point", cx: frame.x(p.forecast), cy: frame.y(p.frequency),
    r: 2 + 7 * Math.sqrt(p.cells / number)}, shape("title", {}, words[i]))));
  return frame.svg;
}
