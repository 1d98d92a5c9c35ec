// Means, skill with its interval, AUC and coverage: as in provrisk.evaluation.

function mean(values, cells) {
  let sum = 0, number = 0;
  for (const cell of cells) if (values[cell] === values[cell]) { sum += values[cell]; number++; }
  return sum / number;
}

// Sums of the losses of one contender by origin, for the origins among `cells`, in order of time.
function sumsByOrigin(values, cells) {
  const sums = new Float64Array(ORIGINS), seen = new Uint8Array(ORIGINS);
  for (const cell of cells) { sums[cell % ORIGINS] += values[cell]; seen[cell % ORIGINS] = 1; }
  return sums.filter((_, origin) => seen[origin]);
}

// The ratio of two means with its interval, as in provrisk.evaluation.mean_ratio: the slowest cosines of own - ratio * other give
// its uncertainty. No interval with too few origins, or too few with a loss.
function ratio(own, other, span) {
  const n = own.length, {most, least, shortest, critical} = head.cosines, shortestSpan = Math.max(shortest, span);
  const sum = values => values.reduce((a, b) => a + b, 0), mean = sum(other) / n, estimate = sum(own) / n / mean;
  const number = Math.min(most, Math.floor(n / shortestSpan));
  if (number < least || own.filter((value, i) => value || other[i]).length < least * shortestSpan)
    return {estimate, low: NaN, high: NaN};
  let squares = 0;
  for (let j = 1; j <= number; j++)
    squares += own.reduce((total, value, i) => total + (value - estimate * other[i]) * Math.cos(Math.PI * j * (i + 0.5) / n), 0) ** 2;
  const reach = critical[number] * Math.sqrt(2 * squares / number) / n / mean;
  return {estimate, low: Math.max(estimate - reach, 0), high: estimate + reach};
}

// Skill of every one of `contenders` against `benchmark`: a map to {skill, low, high, verdict}.
function skills(state, cells, contenders, benchmark) {
  const theirs = sumsByOrigin(valuesOf(state.score, benchmark), cells);
  const span = cells.reduce((furthest, cell) => Math.max(furthest, head.horizons[horizonOf(cell)]), 1);
  return new Map(contenders.map(c => {
    const {estimate, low, high} = ratio(sumsByOrigin(valuesOf(state.score, c), cells), theirs, span);
    const verdict = low !== low ? "too few" : high < 1 ? "better" : low > 1 ? "worse" : "tie";
    return [c, {skill: 1 - estimate, low: 1 - high, high: 1 - low, verdict}];
  }));
}

// Relative skill of every one of `contenders`, as in provrisk.evaluation.comparison.relative_skill: the geometric mean of the ratios of its
// loss to that of each, itself included, a pair on the cells that both have: a map to {skill, low, high, verdict}, 1 is par.
function relativeSkills(state, contenders) {
  const losses = contenders.map(c => valuesOf(state.score, c)), cells = [];
  const has = (i, cell) => losses[i][cell] === losses[i][cell] && !isNowcast(contenders[i], cell);
  filtered(state, cell => { if (losses.some((_, i) => has(i, cell))) cells.push(cell); });
  const seen = [...new Set(cells.map(originOf))].sort((a, b) => a - b), place = new Map(seen.map((origin, i) => [origin, i]));
  const span = cells.reduce((furthest, cell) => Math.max(furthest, head.horizons[horizonOf(cell)]), 1), n = seen.length;
  const found = contenders.map(() => ({log: 0, added: new Float64Array(n), opponents: 0}));
  for (let i = 0; i < contenders.length; i++) for (let j = 0; j < i; j++) {
    const one = new Float64Array(n), other = new Float64Array(n);
    let shared = 0, a = 0, b = 0;
    for (const cell of cells) if (has(i, cell) && has(j, cell)) {
      const at = place.get(originOf(cell));
      one[at] += losses[i][cell]; other[at] += losses[j][cell];
      a += losses[i][cell]; b += losses[j][cell]; shared++;
    }
    if (!shared) continue;
    const ratio = Math.log(a) - Math.log(b);
    found[i].log += ratio; found[j].log -= ratio;
    found[i].opponents++; found[j].opponents++;
    for (let at = 0; at < n; at++) { const part = one[at] / a - other[at] / b; found[i].added[at] += part; found[j].added[at] -= part; }
  }
  const {most, least, shortest, critical} = head.cosines, number = Math.min(most, Math.floor(n / Math.max(shortest, span)));
  return new Map(found.map(({log, added, opponents}, k) => {
    if (!opponents) return [contenders[k], {skill: NaN, low: NaN, high: NaN, verdict: "alone"}];
    let squares = 0;
    for (let j = 1; j <= number; j++)
      squares += added.reduce((total, value, at) => total + value / (opponents + 1) * Math.cos(Math.PI * j * (at + 0.5) / n), 0) ** 2;
    const centre = log / (opponents + 1), reach = number < least ? NaN : critical[number] * Math.sqrt(2 * squares / number);
    const [skill, low, high] = [centre, centre - reach, centre + reach].map(Math.exp);
    return [contenders[k], {skill, low, high, verdict: low !== low ? "too few" : high < 1 ? "better" : low > 1 ? "worse" : "tie"}];
  }));
}

// Area under the ROC curve by ranks, ties counted half; NaN if the event occurred always or never.
function auc(happened, probability, cells) {
  const pairs = cells.map(cell => [probability[cell], happened[cell]]).filter(([p, e]) => p === p && e === e);
  pairs.sort((a, b) => a[0] - b[0]);
  let events = 0, rankSum = 0;
  for (let i = 0; i < pairs.length;) {
    let j = i, here = 0;
    while (j < pairs.length && pairs[j][0] === pairs[i][0]) here += pairs[j++][1];
    rankSum += here * (i + 1 + j) / 2;
    events += here;
    i = j;
  }
  const others = pairs.length - events;
  return events && others ? (rankSum - events * (events + 1) / 2) / (events * others) : NaN;
}

const NO_LOSS = 0.01;                                 // of a mean score below it a share tells nothing

// Share of cells inside the central interval: by the PIT where draws gave one, else in the predicted closed interval.
function coverage(contender, level, cells) {
  if (!has("pit", contender))
    return has(`inside_${level}`, contender) ? mean(valuesOf(`inside_${level}`, contender), cells) : NaN;
  const pit = valuesOf("pit", contender), low = 50 - level / 2, high = 50 + level / 2;
  let inside = 0, number = 0;
  for (const cell of cells) if (pit[cell] === pit[cell]) { inside += pit[cell] >= low && pit[cell] < high; number++; }
  return inside / number;
}

// Sum of predicted over sum of observed.
function bias(contender, cells) {
  if (!has("mean", contender)) return NaN;
  const said = valuesOf("mean", contender);
  let forecast = 0, observed = 0;
  for (const cell of cells) {
    const seen = came(placeOf(cell), targetOf(cell));
    if (said[cell] === said[cell] && seen === seen) { forecast += said[cell]; observed += seen; }
  }
  return forecast / observed;
}
