// The extras of the report, the only things on it that need a script: tables that can be sorted and
// filtered, and the names of points.
"use strict";
(() => {
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // ---- tables

  const LONG = 20; // rows from which a table can be filtered
  const SHORT = 2; // rows up to which it is not sorted: a stop for the keyboard would be in the way
  const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const words = (cell) => [...cell.childNodes].map((part) => part.textContent).join(" ").trim();

  // What a cell is sorted by: the number it begins with, else its text; null if it is blank.
  const NUMBER = /^[<+]?(−?)(?:(∞)|([\d,]*\.?\d+)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?)(?![\w.⁻⁰¹²³⁴⁵⁶⁷⁸⁹])/;
  const key = (text) => {
    if (/^(–.*|not fitted)?$/.test(text)) return null;
    if (/^\d{4}-\d\d-\d\d/.test(text)) return Date.parse(text.slice(0, 10));
    const found = NUMBER.exec(text.replace(/^10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])/, "1·10"));
    if (!found) return text;
    const [, minus, infinite, digits, raised = ""] = found;
    const power = [...raised].map((c) => (c === "⁻" ? "-" : DIGITS.indexOf(c))).join("");
    const size = infinite ? Infinity : Number(digits.replaceAll(",", "")) * 10 ** Number(power);
    return minus ? -size : size;
  };

  // Numbers in their order, then texts in theirs, then blanks whatever the sign.
  const compare = (a, b, sign) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    if (typeof a === "number") return sign * ((a > b) - (a < b));
    return sign * a.localeCompare(b, "en", { numeric: true });
  };

  // The cell of a row that stands in a column, counting the columns that cells before it span.
  const cellAt = (row, column) => {
    let place = 0;
    for (const cell of row.cells) {
      if (column < place + cell.colSpan) return cell;
      place += cell.colSpan;
    }
    return null;
  };

  const sortable = (table, rows) => {
    const heads = [...table.tHead.rows].at(-1).cells;
    let column = 0;
    const buttons = [];
    // One stop a table: arrow keys go on from there, to the links of its caption too.
    const stops = [];
    for (const head of heads) {
      const own = column;
      column += head.colSpan;
      if (!head.textContent.trim()) continue;
      const button = make("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      button.tabIndex = buttons.length ? -1 : 0;
      buttons.push(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "" }; // and then as it was
        const order = next[head.getAttribute("aria-sort")] ?? "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        let sorted = rows;
        if (order) {
          head.setAttribute("aria-sort", order);
          const sign = order === "ascending" ? 1 : -1;
          const keyed = rows.map((row) => {
            const cell = cellAt(row, own);
            return { row, key: cell ? key(words(cell)) : null };
          });
          keyed.sort((a, b) => compare(a.key, b.key, sign));
          sorted = keyed.map((one) => one.row);
        }
        table.classList.toggle("sorted", Boolean(order));
        table.tBodies[0].append(...sorted);
      });
    }
    if (buttons.length) {
      for (const link of table.caption?.querySelectorAll("a") ?? []) {
        link.tabIndex = -1;
        stops.push(link);
      }
    }
    stops.push(...buttons);
    table.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const at = stops.indexOf(event.target);
      const next = stops[at + step];
      if (!step || at < 0 || !next) return;
      event.preventDefault();
      stops[at].tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
    return buttons.length;
  };

  const filterable = (box, table, rows) => {
    const input = make("input", { type: "search" });
    const shown = make("output", {});
    const texts = rows.map((row) => [...row.cells].map(words).join(" ").toLowerCase());
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      rows.forEach((row, i) => {
        row.hidden = !wanted.every((word) => texts[i].includes(word));
        found += !row.hidden;
      });
      shown.textContent = wanted.length ? `${found} of ${rows.length} rows` : "";
    });
    const name = box.getAttribute("aria-label");
    box.before(make("p", { class: "filter" }, make("label", {}, `Filter “${name}” `, input), shown));
  };

  for (const box of document.querySelectorAll(".scroll")) {
    const table = box.querySelector("table");
    const rows = [...table.tBodies[0].rows];
    const brief = rows.length <= SHORT || box.matches(".brief");
    // A box that holds a button can be scrolled from there, and needs no stop of its own.
    if (!brief && sortable(table, rows)) box.removeAttribute("tabindex");
    if (rows.length > LONG) filterable(box, table, rows);
  }
  // ---- points: what an element of a figure is (its <title>) is shown where the mouse or, once the
  // figure has the focus, the arrow keys are

  const NEAR = 14; // pixels
  const tip = make("div", { class: "tip", role: "status" });
  document.body.append(tip);
  let marked = null;

  const hide = () => {
    marked?.classList.remove("marked");
    marked = null;
    tip.textContent = "";
  };

  const place = () => {
    const { left, right, top, bottom } = marked.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = tip;
    const over = bottom + 8 + height > window.innerHeight;
    const x = Math.min(right + 8, document.documentElement.clientWidth - width - 8);
    tip.style.left = `${Math.max(x, 8)}px`;
    tip.style.top = `${Math.max(over ? top - height - 8 : bottom + 8, 0)}px`;
  };

  const show = (point) => {
    hide();
    marked = point.element;
    marked.classList.add("marked");
    tip.textContent = point.text;
    place();
  };

  const explain = (svg) => {
    const titles = [...svg.querySelectorAll("title")].filter((title) => title.parentNode !== svg);
    if (!titles.length) return;
    const points = titles.map((title) => ({ element: title.parentNode, text: title.textContent }));
    for (const title of titles) title.remove(); // the browser would show it a second time
    const centres = () => {
      for (const point of points) {
        const { left, top, width, height } = point.element.getBoundingClientRect();
        [point.x, point.y] = [left + width / 2, top + height / 2];
      }
    };
    svg.addEventListener("pointermove", (event) => {
      centres();
      const away = (point) => Math.hypot(point.x - event.clientX, point.y - event.clientY);
      const nearest = points.reduce((a, b) => (away(b) < away(a) ? b : a));
      if (away(nearest) > NEAR) hide();
      else if (nearest.element !== marked) show(nearest);
    });
    svg.addEventListener("pointerleave", hide);
    const holder = svg.parentNode;
    const name = svg.querySelector("title")?.textContent ?? "Figure";
    // One stop a figure: Enter opens where its data are, and goes to the first of them.
    const files = holder.parentNode.querySelector(".files");
    if (files) files.querySelector("summary").tabIndex = -1;
    const keys = `${name}. Arrow keys go from point to point${files ? "; Enter goes to its files" : ""}.`;
    for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", keys]])
      holder.setAttribute(name, value);
    let order = null;
    let at = -1;
    holder.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") hide();
      if (event.key === "Enter" && files) {
        files.open = true;
        files.querySelector("a").focus();
      }
      if (!step) return;
      event.preventDefault();
      if (!order) {
        centres();
        order = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
      }
      at = Math.min(Math.max(at + step, 0), order.length - 1);
      order[at].element.scrollIntoView({ block: "nearest" });
      show(order[at]);
    });
    holder.addEventListener("blur", hide);
  };

  for (const svg of document.querySelectorAll("figure svg")) explain(svg);

  // ---- contents: one stop for the keyboard, arrow keys go from link to link

  const nav = document.querySelector("nav");
  const links = [...nav.querySelectorAll("a")];
  links.forEach((one, i) => { one.tabIndex = i ? -1 : 0; });
  nav.setAttribute("aria-label", "Contents. Arrow keys go from link to link.");
  nav.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = links.indexOf(event.target);
    const next = links[at + step];
    if (!step || at < 0 || !next) return;
    event.preventDefault();
    links[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  // ---- boxes that scroll sideways: a stop for the keyboard only where something is out of sight

  const still = [...document.querySelectorAll(".scroll, .plot:not([tabindex]), .equation")]
    .filter((box) => !box.querySelector("table a, table button"));
  for (const box of still) {
    if (!box.matches(".plot")) continue;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", box.querySelector("title")?.textContent ?? "Figure");
  }
  const measure = () => {
    for (const box of still) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  measure();
  window.addEventListener("resize", measure);
  document.addEventListener("toggle", measure, true); // what is in a closed part has no width

  window.addEventListener("scroll", () => marked && place(), { passive: true });
})();
