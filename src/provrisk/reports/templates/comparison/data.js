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
  const content = await new Response(stream).arrayBuffer();
  const kinds = {u1: Uint8Array, u2: Uint16Array, u4: Uint32Array};
  let offset = 0;
  for (const [name, contender, kind, step, length] of head.index) {
    const Kind = kinds[kind], size = length * Kind.BYTES_PER_ELEMENT;
    const codes = new Kind(content.slice(offset, offset + size)), missing = 2 ** (8 * Kind.BYTES_PER_ELEMENT) - 1;
    arrays.set(`${name} ${contender}`, Float64Array.from(codes, code => code === missing ? NaN : code * step));
    offset += size;
  }
}

// What came in a place and month (a month number); of the total, the sum if every province was observed.
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
