// The explorer: what each choice gives, where it stands, and the YAML and the link that restore it.
"use strict";
(async () => {
  const held = document.getElementById("explorer-data");
  const box = document.querySelector(".explorer");
  if (!held || !box) return;
  if (!("DecompressionStream" in window)) {
    box.firstElementChild.textContent = "The explorer needs a browser of 2023 or later.";
    return;
  }
  // JSON, compressed (explored.py)
  const bytes = Uint8Array.from(atob(held.textContent), (letter) => letter.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const data = await new Response(inflated).json();

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  // the namespace of SVG, as a browser knows it: an address in the page would look like a request
  const SVG = new DOMParser().parseFromString("<svg></svg>", "text/html").querySelector("svg").namespaceURI;
  const drawn = (tag, attributes, ...children) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // ---- numbers: two characters a cell, as explored.py packs them

  const DIGITS = [...Array(92).keys()].map((i) => String.fromCharCode(35 + i))
    .filter((digit) => !"&'<>\\`".includes(digit)).join("");
  const TENTHS = 6000;
  const PER_DECADE = 450;
  const unpack = (text, cell) => {
    const [a, b] = [text[2 * cell], text[2 * cell + 1]];
    const number = DIGITS.length * DIGITS.indexOf(a) + DIGITS.indexOf(b);
    if (number < 2) return number ? Infinity : null;
    const size = number - 2;
    return size < TENTHS ? size / 10 : (TENTHS / 10) * 10 ** ((size - TENTHS) / PER_DECADE);
  };
  const growth = (months) => (12 * Math.LN2) / months;
  const shown = (months) => {
    if (months === Infinity) return "∞";
    if (months < 600) return months.toFixed(months < 100 ? 1 : 0);
    return `about ${Number(months.toPrecision(2)).toLocaleString("en")}`;
  };
  const power = (value) => {
    const [mantissa, exponent] = value.toExponential(1).split("e");
    const raised = [...String(Number(exponent))]
      .map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])).join("");
    return `${mantissa}·10${raised}`;
  };

  // ---- controls

  const cubes = Object.fromEntries(data.cubes.map((cube) => [cube.name, cube]));
  const picker = (id, label, options, listener) => {
    const select = make("select", { id: `explorer-${id}` });
    for (const [value, text] of options) select.append(make("option", { value }, text));
    select.addEventListener("change", listener);
    return [make("label", {}, make("span", {}, label), select), select];
  };
  const controls = make("form", { class: "controls", "aria-label": "Choices" });
  controls.addEventListener("submit", (event) => event.preventDefault());
  const said = make("p", { class: "answer", role: "status" });
  const beside = make("p", { class: "note" });
  const plot = make("div", { class: "curve" });
  const link = make("a", {}, "Link to this choice");
  const yaml = make("code", {});
  const year = make("input", { type: "range", min: "2012", max: "2035", step: "1", id: "explorer-year" });
  const needed = make("output", { for: "explorer-year explorer-system" });
  let cube = data.cubes[0];
  let selects = {};
  let quantity = null;
  const system = { select: null };

  const build = (wanted = {}) => {
    cube = cubes[wanted.set] ?? cube;
    const names = Object.keys(data.quantities).filter((name) => name in cube.values);
    selects = {};
    const parts = [];
    if (data.cubes.length > 1) {
      const [label, select] = picker("set", "Of", data.cubes.map((one) => [one.name, one.label]),
        () => { build({ ...chosen(), set: select.value }); select.ownerDocument.getElementById("explorer-set").focus(); });
      select.value = cube.name;
      parts.push(label);
    }
    for (const choice of cube.choices) {
      const options = choice.levels.map((level, i) => [level, choice.labels[i]]);
      const [label, select] = picker(choice.name, choice.label, options, update);
      const first = [wanted[choice.name], data.headline[choice.name], choice.levels[0]];
      select.value = first.find((level) => choice.levels.includes(level));
      selects[choice.name] = select;
      if (options.length > 1) parts.push(label);
    }
    const [label, select] = picker("quantity", "Quantity", names.map((name) => [name, data.quantities[name]]), update);
    select.value = names.includes(wanted.quantity) ? wanted.quantity : names[0];
    quantity = select;
    controls.replaceChildren(...parts, label);
    update();
  };

  const chosen = () => {
    const levels = Object.entries(selects).map(([name, select]) => [name, select.value]);
    return { set: cube.name, ...Object.fromEntries(levels), quantity: quantity.value };
  };

  // ---- what is said

  const cell = () =>
    cube.choices.reduce((at, one) => at * one.levels.length + one.levels.indexOf(selects[one.name].value), 0);

  const sentence = (months, low, high) => {
    if (months === null) return "This combination has no doubling time: it was not fitted, or the law has none in this form.";
    if (months === Infinity) return "This combination shows no progress.";
    const what = { parameters: "parameters needed", data: "data needed" }[quantity.value] ?? "compute needed";
    const range = low === null || high === null ? "" : ` (95 % interval ${shown(low)} to ${shown(high)})`;
    return `By this choice the ${what} for the same performance halves every ${shown(months)} months${range}.`;
  };

  const predicting = () => {
    const at = chosen();
    const [held, models, rank, timed, error] = data.ranks[`${at.estimator} ${at.variant} ${at.delta}`] ?? [];
    const parts = [];
    if (held) parts.push(`The law ranks ${held} of ${models} at predicting papers left out`);
    if (rank) parts.push(`${parts.length ? "" : "The law ranks "}${rank} of ${timed} at predicting later records, with the simple laws among them (${error === null ? "where its predictions run to infinity" : `mean squared error ${error} nats²`})`);
    if (!parts.length) return "How well this law predicts records left out was not computed in this run.";
    return `${parts.join(", and ")}; the ranks are of the headline’s sample.`;
  };

  // The curve: growth of every combination of this quantity in order, and the one that is chosen.
  let WIDTH = 720; // as wide as there is room, so that its text is read on a phone
  const HEIGHT = 150;
  const orders = {};
  const ordered = () => {
    const key = `${cube.name} ${quantity.value}`;
    if (!orders[key]) {
      const text = cube.values[quantity.value];
      const all = [...Array(text.length / 2).keys()].map((i) => unpack(text, i)).filter((m) => m !== null);
      orders[key] = all.sort((a, b) => b - a); // from no progress to the fastest
    }
    return orders[key];
  };
  const curve = (months) => {
    WIDTH = Math.min(720, plot.clientWidth || 720);
    const all = ordered();
    const known = all.filter((one) => one !== Infinity).map(growth);
    const top = 1.15 * (known[Math.floor(0.97 * (known.length - 1))] ?? 1);
    const x = (share) => 40 + share * (WIDTH - 50);
    const y = (rate) => HEIGHT - 22 - Math.min(rate / top, 1) * (HEIGHT - 42);
    const steps = Math.min(all.length, 300);
    const line = [...Array(steps).keys()].map((i) => {
      const at = steps > 1 ? Math.round((i / (steps - 1)) * (all.length - 1)) : 0;
      return `${x(all.length > 1 ? at / (all.length - 1) : 0.5).toFixed(1)},${y(growth(all[at])).toFixed(1)}`;
    });
    const text = `Specification curve of ${all.length.toLocaleString("en")} combinations`;
    const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    for (const mark of [6, 12, 24, 60]) {
      if (growth(mark) > top) continue;
      svg.append(drawn("line", { x1: x(0), x2: x(1), y1: y(growth(mark)), y2: y(growth(mark)), class: "grid" }));
      svg.append(drawn("text", { x: x(0) - 4, y: y(growth(mark)) + 4, "text-anchor": "end" }, String(mark)));
    }
    svg.append(drawn("line", { x1: x(0), x2: x(1), y1: y(0), y2: y(0), class: "grid" }));
    svg.append(drawn("text", { x: x(0) - 4, y: y(0) + 4, "text-anchor": "end" }, "∞"));
    svg.append(drawn("text", { x: 0, y: 11 }, "Doubling time (months)"));
    svg.append(drawn("text", { x: x(1), y: HEIGHT - 4, "text-anchor": "end" }, "every combination in order: slower to faster"));
    svg.append(drawn("polyline", { points: line.join(" "), class: "line" }));
    let where = "the choice has no doubling time";
    if (months !== null) {
      const slower = all.filter((one) => one > months).length;
      const same = all.filter((one) => one === months).length;
      const share = (slower + (same - 1) / 2) / Math.max(all.length - 1, 1);
      where = `the choice is faster than ${Math.round(100 * slower / all.length)} %`;
      svg.append(drawn("circle", { cx: x(share), cy: y(growth(months)), r: 6, class: "chosen" }));
    }
    svg.setAttribute("aria-label", `${text}: ${where}`);
    plot.replaceChildren(svg, make("p", { class: "note" }, `${text}; ${where}.`));
  };

  // ---- what restores it

  const quoted = (text) => (/^[A-Za-z_][\w]*$/.test(text) || /^-?\d+(\.\d+)?$/.test(text) ? text : JSON.stringify(text));
  const configuration = (at) => {
    if (cube.name === "run") {
      const levels = cube.choices.map((one) => `${one.name}: ${quoted(at[one.name])}`).join(", ");
      return `bootstrap:\n  analyses:\n    explored: {${levels}, resampling: papers, replicates: 1000}\n`;
    }
    const lines = cube.choices.map((one) => {
      if (!one.mapping) return `    ${one.name}: [${quoted(at[one.name])}]`;
      const others = one.levels.filter((level) => level !== at[one.name]);
      return others.length ? `    ${one.name}: {${others.map((level) => `${JSON.stringify(level)}: null`).join(", ")}}` : null;
    });
    return `multiverse:\n  choices:\n${lines.filter(Boolean).join("\n")}\n  batches: null\n`;
  };

  const compute = (months) => {
    const of = { parameters: true, data: true }[quantity.value];
    const [name, from, at] = data.systems[Number(system.select?.value ?? 0)] ?? [];
    if (!name || of || months === null) return "Compute follows a doubling time of compute; this choice has none.";
    const rate = months === Infinity ? 0 : growth(months);
    const then = at * Math.exp(-rate * (Number(year.value) - from));
    const when = Number(year.value) < from ? "would have needed" : "needs";
    return `In ${year.value} the loss of ${name} (${power(at)} FLOP in ${Math.floor(from)}) ${when} about ${power(then)} FLOP, if growth is the same in every year.`;
  };

  const slide = () => {
    const text = cube.values[quantity.value];
    needed.textContent = compute(unpack(text, cell()));
  };

  const update = () => {
    const at = chosen();
    const value = (suffix) => {
      const text = cube.values[quantity.value + suffix];
      return text ? unpack(text, cell()) : null;
    };
    const months = value("");
    said.textContent = sentence(months, value("_low"), value("_high"));
    beside.textContent = predicting();
    curve(months);
    link.href = `#explorer:${new URLSearchParams({ ...at, system: system.select?.value ?? 0, year: year.value })}`;
    yaml.textContent = configuration(at);
    slide();
  };

  const restore = () => {
    if (!location.hash.startsWith("#explorer:")) return;
    const wanted = Object.fromEntries(new URLSearchParams(location.hash.slice(10)));
    if (wanted.year) year.value = wanted.year;
    if (system.select && data.systems[wanted.system]) system.select.value = wanted.system;
    build(wanted);
    document.getElementById("explorer").scrollIntoView();
  };

  year.value = 2026;
  const slider = make("div", { class: "controls" });
  if (data.systems.length) {
    const names = data.systems.map(([name], i) => [String(i), name]);
    const [label, select] = picker("system", "Loss of", names, update);
    select.value = String(names.length - 1);
    system.select = select;
    slider.append(label, make("label", {}, make("span", {}, "In the year"), year));
  }
  year.addEventListener("input", update);
  const reproduce = make("details", {}, make("summary", {}, "The configuration (YAML) that reproduces it"), make("pre", {}, yaml));
  box.replaceChildren(controls, said, beside, plot, slider);
  if (data.systems.length) box.append(make("p", {}, needed));
  box.append(make("p", {}, link), reproduce);
  build();
  restore();
  window.addEventListener("hashchange", restore);
})();
