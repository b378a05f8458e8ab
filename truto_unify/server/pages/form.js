// The inputs of a call: its path, its query and its body.
import { make } from "./dom.js";
import { bodyOf, exampleOf, parametersOf, resolve, spellings } from "./schema.js";

export const ACCOUNT = "integrated_account_id";
let count = 0;

// An input with its label, and what stands behind it in the row.
function labelled(label, input, ...more) {
  input.id = `field-${(count += 1)}`;
  return make("div", { class: "field" }, make("label", { for: input.id }, label), input, ...more);
}

function inputFor(schema) {
  const choices = schema.enum || (schema.type === "boolean" ? ["true", "false"] : null);
  if (choices) return make("select", {}, ...choices.map((choice) => make("option", {}, choice)));
  return make("input", { autocomplete: "off", spellcheck: "false" });
}

// The parts of the path, by name.
function pathInputs(all, rows, spec) {
  const inputs = new Map();
  for (const parameter of all.filter(({ in: place }) => place === "path")) {
    const input = inputFor(resolve(parameter.schema, spec));
    inputs.set(parameter.name, input);
    rows.append(labelled(parameter.name, input));
  }
  return inputs;
}

// The parameters of the query that were chosen, by name; a person adds and removes them.
function queryInputs(all, rows, spec) {
  const inputs = new Map();
  const parameters = all.filter(({ in: place, name }) => place === "query" && name !== ACCOUNT);
  const offered = new Map(parameters.flatMap((parameter) => Object.entries(spellings(parameter, spec))));
  if (!offered.size) return inputs;
  const more = make("select", {}, make("option", { value: "" }, "…"), ...[...offered.keys()].map((name) => make("option", {}, name)));
  const adder = labelled("Add a parameter", more);
  const tell = () => more.dispatchEvent(new Event("input", { bubbles: true }));
  const add = (name, value) => {
    const input = inputFor(offered.get(name));
    if (value) input.value = value;
    const remove = make("button", { type: "button", class: "plain" }, make("span", { "aria-hidden": "true" }, "×"), make("span", { class: "unseen" }, `Remove ${name}`));
    const row = labelled(name, input, remove);
    remove.addEventListener("click", () => {
      inputs.delete(name);
      row.remove();
      more.focus();
      tell();
    });
    inputs.set(name, input);
    adder.before(row);
    return input;
  };
  more.addEventListener("change", () => {
    const name = more.value;
    more.value = "";
    if (!name) return;
    (inputs.get(name) || add(name, "")).focus();
    tell();
  });
  rows.append(adder);
  if (offered.has("limit")) add("limit", "5");
  return inputs;
}

function bodyInput(operation, rows, spec) {
  if (!bodyOf(operation)) return null;
  const example = exampleOf(operation, spec) || "{}";
  const input = make("textarea", { rows: Math.min(14, example.split("\n").length + 1), spellcheck: "false" });
  input.value = example;
  rows.append(labelled("Body", input));
  return input;
}

// An id and a native path may hold slashes.
function pathText(text) {
  return text.split("/").map(encodeURIComponent).join("/").replace(/^\/+/, "");
}

// The rows of a form, and a function that reads the call from them.
export function callForm(path, item, operation, spec) {
  const all = parametersOf(item, operation);
  const rows = make("div", {});
  const steps = pathInputs(all, rows, spec);
  const query = queryInputs(all, rows, spec);
  const body = bodyInput(operation, rows, spec);
  const needsAccount = all.some(({ name }) => name === ACCOUNT);
  const read = () => ({
    path: path.replace(/\{([^}]+)\}/g, (whole, name) => pathText(steps.get(name)?.value || "") || whole),
    query: [...query].filter(([, input]) => input.value !== "").map(([name, input]) => [name, input.value]),
    body: body && body.value,
    needsAccount,
  });
  return { rows, read };
}
