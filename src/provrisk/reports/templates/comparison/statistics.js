// Means, skill with the intervals of a block bootstrap, AUC and coverage: as in provrisk.evaluation.compare.
const REPLICATES = 2000;

function mean(values, cells) {
  let sum = 0, number = 0;
  for (const cell of cells) if (values[cell] === values[cell]) { sum += values[cell]; number++; }
  return sum / number;
}

// Where the blocks begin for so many origins. The page carries Python's own for its opening view, and for every view with
// as many origins; others come from a small seeded generator (mulberry32).
function plan(origins) {
  const length = Math.max(1, Math.min(head.block, Math.floor(origins / 4))), number = Math.ceil(origins / length);
  if (origins === head.origins_ranked) return {origins, length, number, starts: valuesOf("starts")};
  let seed = head.seed * 1000003 + origins | 0;
  const random = () => {
    seed = seed + 0x6D2B79F5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return (t ^ t >>> 14) >>> 0;
  };
  const starts = Int32Array.from({length: REPLICATES * number}, () => random() % origins);
  return {origins, length, number, starts};
}

// Sums of the losses of one contender by origin, for the origins among `cells`, in order of time.
function sumsByOrigin(values, cells) {
  const sums = new Float64Array(ORIGINS), seen = new Uint8Array(ORIGINS);
  for (const cell of cells) { sums[cell % ORIGINS] += values[cell]; seen[cell % ORIGINS] = 1; }
  return sums.filter((_, origin) => seen[origin]);
}

// The sum over resampled origins, once a replicate; the last block is cut so that each has as many origins as there are.
function replicates(sums, {origins, length, number, starts}) {
  const upto = new Float64Array(2 * origins + 1);
  for (let i = 0; i < 2 * origins; i++) upto[i + 1] = upto[i] + sums[i % origins];
  const last = origins - (number - 1) * length, out = new Float64Array(REPLICATES);
  for (let r = 0; r < REPLICATES; r++) for (let b = 0; b < number; b++) {
    const start = starts[r * number + b];
    out[r] += upto[start + (b === number - 1 ? last : length)] - upto[start];
  }
  return out;
}

function quantile(sorted, level) {
  const at = level * (sorted.length - 1), low = Math.floor(at), high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

// Skill of every one of `contenders` against `benchmark`: a map to {skill, low, high, verdict}.
function skills(state, cells, contenders, benchmark) {
  const sums = new Map([...contenders, benchmark].map(c => [c, sumsByOrigin(valuesOf(state.score, c), cells)]));
  const drawn = plan(sums.get(benchmark).length), theirs = sums.get(benchmark);
  const total = theirs.reduce((a, b) => a + b, 0), theirReplicates = replicates(theirs, drawn);
  return new Map(contenders.map(c => {
    const own = sums.get(c), ownReplicates = replicates(own, drawn);
    const sorted = ownReplicates.map((value, r) => 1 - value / theirReplicates[r]).filter(v => v === v).sort();
    const skill = 1 - own.reduce((a, b) => a + b, 0) / total;
    if (drawn.origins < head.fewest || !sorted.length) return [c, {skill, low: NaN, high: NaN, verdict: "too few"}];
    const low = quantile(sorted, 0.05), high = quantile(sorted, 0.95);
    return [c, {skill, low, high, verdict: low > 0 ? "better" : high < 0 ? "worse" : "tie"}];
  }));
}

// Area under the ROC curve by ranks, ties counted half; NaN where the event always or never came.
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

// Share of cells inside the central interval: by the PIT where draws gave one, else in the closed interval that was said.
function coverage(contender, level, cells) {
  if (!has("pit", contender))
    return has(`inside_${level}`, contender) ? mean(valuesOf(`inside_${level}`, contender), cells) : NaN;
  const pit = valuesOf("pit", contender), low = 50 - level / 2, high = 50 + level / 2;
  let inside = 0, number = 0;
  for (const cell of cells) if (pit[cell] === pit[cell]) { inside += pit[cell] >= low && pit[cell] < high; number++; }
  return inside / number;
}

// Forecast over observed, both summed.
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
