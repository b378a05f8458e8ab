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

// A path may break after each slash.
export function breakable(path) {
  return path.split(/(?<=\/)/).flatMap((step) => [step, make("wbr")]);
}

export function table(columns, rows) {
  const head = make("tr", {}, ...columns.map((column) => make("th", { scope: "col" }, column)));
  const body = rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))));
  return make("div", { class: "scroll", tabindex: "0" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
}

export function folded(title, columns, rows) {
  return rows.length ? make("details", {}, make("summary", {}, title), table(columns, rows)) : null;
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
