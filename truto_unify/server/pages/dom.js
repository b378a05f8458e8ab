// Builds the elements of the page. Every text becomes a text node, never markup.
export function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// `words` in backticks become code.
export function prose(text) {
  const parts = (text || "").split("`");
  return parts.map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

// A path and the name of a field may break between their steps.
export function breakable(path) {
  return path.split(/(?<=[/.])|(?=\[)/).flatMap((step) => [step, make("wbr")]);
}

// The name of a field or a parameter.
export function nameCode(name) {
  return make("code", {}, ...breakable(name));
}

// A table whose last column is prose; a narrow screen shows its cells below each other.
export function proseTable(columns, rows) {
  return table(columns, rows, "stacked");
}

// A table that scrolls in a box of its own. The roles outlast a style that lays the cells out as blocks.
export function table(columns, rows, layout = null) {
  const head = make("tr", { role: "row" }, ...columns.map((column) => make("th", { scope: "col", role: "columnheader" }, column)));
  const body = rows.map((row) => make("tr", { role: "row" }, ...row.map((cell) => make("td", { role: "cell" }, cell))));
  const parts = [make("thead", { role: "rowgroup" }, head), make("tbody", { role: "rowgroup" }, ...body)];
  return make("div", { class: "scroll", tabindex: "0" }, make("table", { class: layout, role: "table" }, ...parts));
}

export function folded(title, content) {
  return make("details", {}, make("summary", {}, title), content);
}

// A text in a box, with a button that copies it; `what` names it for people who hear the page.
export function copyable(what, text = "") {
  const code = make("code", {}, text);
  const label = make("span", { "aria-live": "polite" }, "Copy");
  const button = make("button", { type: "button", class: "copy" }, label, make("span", { class: "unseen" }, ` ${what}`));
  button.addEventListener("click", async () => {
    const isCopied = await copy(code);
    label.textContent = isCopied ? "Copied" : "Selected";
    setTimeout(() => { label.textContent = "Copy"; }, 2000);
  });
  const box = make("div", { class: "copyable" }, make("pre", { tabindex: "0" }, code), button);
  return { box, show(next) { code.textContent = next; } };
}

// Browsers let a page write to the clipboard over HTTPS and on this machine only: elsewhere the text is selected.
async function copy(node) {
  try {
    await navigator.clipboard.writeText(node.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return false;
  }
}
