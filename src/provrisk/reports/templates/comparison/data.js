// The numbers of the page, unpacked: arrays over (place, horizon, origin), NaN where missing.
const head = JSON.parse(document.getElementById("head").textContent);
const CONTENDERS = head.contenders;
const HORIZONS = head.horizons.length, ORIGINS = head.origins.length;
const PLACES = head.places.length;                    // the last may be the total over provinces
const PROVINCES = head.provinces;
const MONTHS = head.observed.length;
const arrays = new Map();

const monthNumber = label => 12 * Number(label.slice(0, 4)) + Number(label.slice(5)) - 1;
const monthLabel = number => `${Math.floor(number / 12)}-${String(number % 12 + 1).padStart(2, "0")}`;
const FIRST = monthNumber(head.observed[0]);
const originMonths = head.origins.map(monthNumber);

const cellOf = (place, horizon, origin) => (place * HORIZONS + horizon) * ORIGINS + origin;
const placeOf = cell => Math.floor(cell / (HORIZONS * ORIGINS));
const horizonOf = cell => Math.floor(cell / ORIGINS) % HORIZONS;
const originOf = cell => cell % ORIGINS;
const targetOf = cell => originMonths[originOf(cell)] + head.horizons[horizonOf(cell)];

const valuesOf = (name, contender = -1) => arrays.get(`${name} ${contender}`);
const has = (name, contender) => arrays.has(`${name} ${contender}`);

async function unpack() {
  const packed = Uint8Array.from(atob(document.getElementById("numbers").textContent.trim()), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const content = new Uint8Array(await new Response(stream).arrayBuffer());
  let offset = 0;
  for (const [name, contender, width, step, length] of head.index) {
    if (!width) continue;
    const values = new Float64Array(length), missing = 256 ** width - 1;
    for (let i = 0; i < length; i++) {
      let code = 0;                                   // the lowest bytes of all values come first
      for (let plane = width - 1; plane >= 0; plane--) code = 256 * code + content[offset + plane * length + i];
      values[i] = code === missing ? NaN : code * step;
    }
    arrays.set(`${name} ${contender}`, values);
    offset += width * length;
  }
  for (const [name, contender, width] of head.index) if (!width) derive(name, contender);
}

// Losses computed from predicted and observed; the weighted interval score as in Bracher et al. (2021).
function derive(name, c) {
  const median = valuesOf("median", c), out = new Float64Array(median.length);
  const ofLog = name.endsWith("_log"), scale = ofLog ? Math.log1p : value => value, intervals = name.startsWith("wis");
  const bounds = intervals ? head.intervals.map(level => [1 - level / 100, valuesOf(`low_${level}`, c), valuesOf(`high_${level}`, c)]) : [];
  for (let cell = 0; cell < out.length; cell++) {
    const seen = scale(came(placeOf(cell), targetOf(cell))), error = Math.abs(scale(median[cell]) - seen);
    let total = error / 2;
    for (const [alpha, low, high] of bounds)
      total += alpha / 2 * (scale(high[cell]) - scale(low[cell])) + Math.max(scale(low[cell]) - seen, 0) + Math.max(seen - scale(high[cell]), 0);
    out[cell] = intervals ? total / (bounds.length + 0.5) : error;
  }
  arrays.set(`${name} ${c}`, out);
}

// The observed count of a place and month (a month number); of the total, the sum if every province was observed.
function came(place, month) {
  const at = month - FIRST, observed = valuesOf("observed");
  if (at < 0 || at >= MONTHS) return NaN;
  if (place < PROVINCES) return observed[place * MONTHS + at];
  let sum = 0;
  for (let p = 0; p < PROVINCES; p++) sum += observed[p * MONTHS + at];
  return sum;
}

const isActive = (place, origin) => valuesOf("active")[place * ORIGINS + origin] === 1;
const isNowcast = (contender, cell) => has("nowcast", contender) && valuesOf("nowcast", contender)[cell] === 1;
