// Tables whose columns sort: the heading is a button, and the table remembers its order.
const orders = new Map();

// A column: key, head, title, text (left-aligned), value (what it sorts by), cell (what it shows).
function sortedTable(key, caption, columns, rows, first, options = {}) {
  const order = orders.get(key) ?? orders.set(key, {by: first, down: options.down ?? false}).get(key);
  const column = columns.find(one => one.key === order.by) ?? columns[0];
  const empty = value => value === null || value === undefined || value !== value;
  const sorted = [...rows].sort((a, b) => {
    const [p, q] = [column.value(a), column.value(b)];
    if (empty(p) || empty(q)) return empty(p) - empty(q);   // what is missing comes last either way
    const sign = typeof p === "string" ? p.localeCompare(q, "en") : p - q;
    return order.down ? -sign : sign;
  });
  const again = (by, down) => {
    orders.set(key, {by, down});
    const fresh = sortedTable(key, caption, columns, rows, first, options);
    table.replaceWith(fresh);
    fresh.querySelector(`th[data-key="${by}"] button`).focus();
  };
  const heads = columns.map(one => {
    const mine = one.key === column.key, arrow = mine ? (order.down ? " ▾" : " ▴") : "";
    const button = make("button", {type: "button", title: one.title ?? null,
      onclick: () => again(one.key, mine ? !order.down : one.down ?? false)}, one.head, make("span", {"aria-hidden": "true"}, arrow));
    return make("th", {scope: "col", class: one.text ? "text" : null, "data-key": one.key,
      "aria-sort": mine ? (order.down ? "descending" : "ascending") : null}, button);
  });
  const shown = sorted.slice(0, options.limit ?? sorted.length);
  const body = shown.map((row, i) => make("tr", options.row?.(row) ?? {}, ...columns.map((one, at) => {
    const content = one.cell(row, i);
    const kind = one.text ? "text" : null;
    return at === 0 ? make("th", {scope: "row", class: kind}, content) : make("td", {class: kind}, content);
  })));
  const table = make("table", {}, make("caption", {}, make("span", {}, caption)), make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...body));
  return table;
}

const scrolling = (label, table) => make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": label}, table);
