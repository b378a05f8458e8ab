// Shows openapi.json: a menu, and an article for each call.
import { callOf, watchShared } from "./call.js";
import { breakable, copyable, folded, make, nameCode, prose, proseTable, table } from "./dom.js";
import { bodyOf, exampleOf, parametersOf, resolve, spellings, typeOf } from "./schema.js";

const VERBS = ["get", "post", "put", "patch", "delete"];

function parameters(operation, item, spec) {
  const rows = parametersOf(item, operation).map((parameter) => {
    const kinds = spellings(parameter, spec);
    const names = Object.keys(kinds).flatMap((name, index) => (index ? [make("br"), nameCode(name)] : [nameCode(name)]));
    const name = make("span", {}, ...names, parameter.required ? make("span", { class: "quiet" }, " required") : null);
    return [name, parameter.in, typeOf(Object.values(kinds)[0], spec), make("span", {}, ...prose(parameter.description))];
  });
  return rows.length ? [make("h4", {}, "Parameters"), proseTable(["name", "in", "type", "meaning"], rows)] : null;
}

function supportCell(value) {
  const text = String(value === undefined ? "no" : value);
  return make("span", { class: text.split(/[ :]/)[0].replace(/\s/g, "-") }, text);
}

// Whether each provider or the engine serves each filter and sort.
function support(operation) {
  const providers = Object.keys(operation["x-unify-support"] || {});
  const rows = [];
  for (const parameter of operation.parameters || []) {
    const bySlug = parameter["x-unify-support"];
    if (!bySlug) continue;
    if (parameter.name !== "sort_by") {
      rows.push([nameCode(parameter.name), ...providers.map((slug) => supportCell(bySlug[slug]))]);
      continue;
    }
    for (const field of Object.keys(parameter.schema.properties)) {
      const cells = providers.map((slug) => supportCell((bySlug[slug] || {})[field]));
      rows.push([nameCode(`sort_by[${field}]`), ...cells]);
    }
  }
  return rows.length ? folded("Who serves each filter and sort", table(["parameter", ...providers], rows)) : null;
}

function fields(operation) {
  const bySlug = operation["x-unify-fields"] || {};
  const providers = Object.keys(bySlug);
  const names = [...new Set(providers.flatMap((slug) => Object.keys(bySlug[slug])))];
  const rows = names.map((name) => [
    nameCode(name),
    ...providers.map((slug) => {
      const cell = bySlug[slug][name] || {};
      return supportCell(cell.support === "yes" && cell.evidence ? `yes: ${cell.evidence}` : cell.support);
    }),
  ]);
  return rows.length ? folded("What each provider fills, and how that is known", table(["field", ...providers], rows)) : null;
}

function schemaRows(reference, spec, prefix, depth) {
  const schema = resolve(reference, spec);
  const rows = [];
  for (const [name, kind] of Object.entries(schema.properties || {})) {
    const required = (schema.required || []).includes(name) ? " required" : "";
    const label = make("span", {}, nameCode(prefix + name), make("span", { class: "quiet" }, required));
    rows.push([label, typeOf(kind, spec), make("span", {}, ...prose(kind.description))]);
    const inner = resolve(kind, spec);
    if (depth < 3) {
      if (inner.properties) rows.push(...schemaRows(inner, spec, `${prefix}${name}.`, depth + 1));
      if (inner.items) rows.push(...schemaRows(inner.items, spec, `${prefix}${name}[].`, depth + 1));
    }
  }
  return rows;
}

function body(operation, spec) {
  const content = bodyOf(operation);
  if (!content) return null;
  const rows = schemaRows(content.schema, spec, "", 0);
  const parts = [make("h4", {}, "Body")];
  if (rows.length) parts.push(proseTable(["name", "type", "meaning"], rows));
  const text = exampleOf(operation, spec);
  if (text) {
    const example = copyable(`an example body of ${operation.operationId}`, text);
    parts.push(folded("Example body", example.box));
  }
  return parts;
}

function answers(operation, spec) {
  const rows = Object.entries(operation.responses || {}).map(([status, response]) => [
    make("code", {}, status),
    Object.keys(response.content || {}).join(", "),
    make("span", {}, ...prose(response.description)),
  ]);
  const good = ((operation.responses || {})["200"] || {}).content || {};
  const shape = schemaRows((good["application/json"] || {}).schema, spec, "", 0);
  return [
    rows.length ? folded("Answers", proseTable(["status", "type", "meaning"], rows)) : null,
    shape.length ? folded("Shape of a good answer", proseTable(["name", "type", "meaning"], shape)) : null,
  ];
}

function articleOf({ path, item, verb, operation }, tag, spec) {
  const id = operation.operationId || `${verb}${path}`;
  const parts = [
    ...callOf(path, item, verb, operation, spec),
    parameters(operation, item, spec), support(operation), fields(operation), body(operation, spec), answers(operation, spec),
  ];
  return make("article", { id, "data-words": `${verb} ${path} ${operation.summary || ""} ${tag}`.toLowerCase() },
    make("h3", {}, verbLabel(verb), make("span", { class: "path" }, path), make("span", { class: "quiet" }, operation.summary || "")),
    operation.description ? make("p", {}, ...prose(operation.description)) : null,
    ...parts.flat().filter(Boolean));
}

function verbLabel(verb) {
  return make("span", { class: `verb ${verb}` }, verb.toUpperCase());
}

function groupsOf(spec) {
  const groups = new Map();
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const verb of VERBS.filter((name) => item[name])) {
      const tag = (item[verb].tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push({ path, item, verb, operation: item[verb] });
    }
  }
  return groups;
}

function show(spec) {
  document.title = `${spec.info.title} API`;
  document.getElementById("title").textContent = `${spec.info.title} ${spec.info.version}`;
  document.getElementById("about").append(...prose(spec.info.description), " ", make("a", { href: "openapi.json" }, "openapi.json"));
  const menu = document.getElementById("menu");
  const content = document.getElementById("content");
  document.getElementById("state").remove();
  for (const [tag, calls] of groupsOf(spec)) {
    const links = make("section", {}, make("h2", {}, tag));
    const section = make("section", {}, make("h2", {}, tag));
    for (const call of calls) {
      const article = articleOf(call, tag, spec);
      links.append(make("a", { href: `#${article.id}`, "data-for": article.id }, verbLabel(call.verb), make("span", {}, ...breakable(call.path))));
      section.append(article);
    }
    menu.append(links);
    content.append(section);
  }
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const article of document.querySelectorAll("article")) {
    const fits = words.every((word) => article.dataset.words.includes(word));
    count += fits;
    article.hidden = !fits;
    document.querySelector(`[data-for="${CSS.escape(article.id)}"]`).hidden = !fits;
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = ![...section.querySelectorAll("article, a")].some((entry) => !entry.hidden);
  }
  const nothing = count ? "" : `No call matches “${text.trim()}”. A search looks at method, path, title and group: customers, proxy, post.`;
  document.getElementById("nothing").textContent = nothing;
}

document.getElementById("bar").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("find").addEventListener("input", (event) => find(event.target.value));
watchShared(document.getElementById("token"), document.getElementById("account"));
fetch("openapi.json")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`HTTP ${answer.status}`))))
  .then(show)
  .catch((error) => {
    document.getElementById("nothing").textContent = `openapi.json cannot be shown: ${error.message}`;
  });
