// Elements, numbers and axes. Text enters as text only, never as markup.
const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function shape(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter(child => child !== null));
  return element;
}

const formats = new Map();
function fixed(value, digits) {
  if (value === null || value !== value) return "";
  if (!formats.has(digits)) formats.set(digits, new Intl.NumberFormat(
    "en-GB", {minimumFractionDigits: digits, maximumFractionDigits: digits, roundingMode: "halfEven"}));
  return formats.get(digits).format(value === 0 ? 0 : value).replace("-", "−");
}
const signed = (value, digits) => (value >= 0 ? "+" : "") + fixed(value, digits);
const share = value => Math.abs(value) < 1e-9 ? "0 %" : `${signed(100 * value, 0)} %`;
const percent = value => value === value && value !== null ? `${signed(100 * value, 1)} %` : "";
const plural = (number, one, many) => `${fixed(number, 0)} ${number === 1 ? one : many}`;
const MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];
const spelled = number => `${MONTH_NAMES[number % 12]} ${Math.floor(number / 12)}`;
const leadWords = lead => plural(lead, "month", "months") + " ahead";

// A chart with a frame: `x` and `y` turn values into places on it.
function chart({width = 320, height = 170, left = 34, right = 8, top = 8, bottom = 20, x, y, label}) {
  const scale = ([low, high], from, to) => value => from + (value - low) / (high - low || 1) * (to - from);
  return {
    left, right: width - right, top, bottom: height - bottom, width, height,
    x: scale(x, left, width - right), y: scale(y, height - bottom, top),
    svg: shape("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label}),
  };
}

function ticks(low, high, number) {
  const rough = (high - low) / number, power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= rough);
  const out = [];
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-6; tick += step) out.push(tick);
  return out;
}

function axisY(frame, values, text = String) {
  for (const value of values) {
    const y = frame.y(value);
    frame.svg.append(
      shape("line", {class: "grid", x1: frame.left, x2: frame.right, y1: y, y2: y}),
      shape("text", {class: "tick", x: frame.left - 4, y: y + 3, "text-anchor": "end"}, text(value)));
  }
}

function axisX(frame, values, text = String) {
  for (const value of values)
    frame.svg.append(shape("text", {class: "tick", x: frame.x(value), y: frame.bottom + 13, "text-anchor": "middle"},
      text(value)));
}

// Januaries between two months, not too many.
function years(from, to) {
  const every = Math.max(1, Math.ceil((to - from) / 12 / 7)), out = [];
  for (let year = Math.ceil(from / 12); 12 * year <= to; year++) if (year % every === 0) out.push(12 * year);
  return out;
}

const path = points => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

function figure(title, note, drawing) {
  return make("figure", {}, make("figcaption", {}, title, note ? make("span", {class: "note"}, note) : null), drawing);
}
