// Shows openapi.json. Every text becomes a text node, never markup.
"use strict";

const VERBS = ["get", "post", "put", "patch", "delete"];

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// `words` in backticks become code.
function prose(text) {
  const parts = (text || "").split("`");
  return parts.map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

// A path may break after each slash.
function breakable(path) {
  return path.split(/(?<=\/)/).flatMap((step) => [step, make("wbr")]);
}

function table(columns, rows) {
  const head = make("tr", {}, ...columns.map((column) => make("th", { scope: "col" }, column)));
  const body = rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))));
  return make("div", { class: "scroll", tabindex: "0" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
}

function resolve(schema, spec) {
  if (!schema || !schema.$ref) return schema || {};
  return schema.$ref.split("/").slice(1).reduce((value, step) => value[step], spec);
}

function typeOf(reference, spec) {
  const schema = resolve(reference, spec);
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const either = schema.anyOf || schema.oneOf;
  if (either) return [...new Set(either.map((branch) => typeOf(branch, spec)))].join(" | ");
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  if (schema.type === "array") return `list of ${typeOf(schema.items, spec)}`;
  return schema.format ? `${schema.type}, ${schema.format}` : schema.type || "anything";
}

// The names that a parameter has in a query string.
function spellings(parameter, spec) {
  const schema = resolve(parameter.schema, spec);
  if (parameter.style !== "deepObject") return [parameter.name];
  const keys = Object.keys(schema.properties || {});
  return keys.length ? keys.map((key) => `${parameter.name}[${key}]`) : [`${parameter.name}[name]`];
}

function parameters(operation, item, spec) {
  const all = [...(item.parameters || []), ...(operation.parameters || [])];
  if (!all.length) return null;
  const rows = all.map((parameter) => {
    const schema = resolve(parameter.schema, spec);
    const inner = parameter.style === "deepObject" ? Object.values(schema.properties || {})[0] || {} : schema;
    const names = spellings(parameter, spec).flatMap((name, index) => (index ? [make("br"), make("code", {}, name)] : [make("code", {}, name)]));
    const name = make("span", {}, ...names, parameter.required ? make("span", { class: "quiet" }, " required") : null);
    return [name, parameter.in, typeOf(inner, spec), make("span", {}, ...prose(parameter.description))];
  });
  return [make("h4", {}, "Parameters"), table(["name", "in", "type", ""], rows)];
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
      rows.push([make("code", {}, parameter.name), ...providers.map((slug) => supportCell(bySlug[slug]))]);
      continue;
    }
    for (const field of Object.keys(parameter.schema.properties)) {
      const cells = providers.map((slug) => supportCell((bySlug[slug] || {})[field]));
      rows.push([make("code", {}, `sort_by[${field}]`), ...cells]);
    }
  }
  return folded("Who serves each filter and sort", providers, rows);
}

function fields(operation) {
  const bySlug = operation["x-unify-fields"] || {};
  const providers = Object.keys(bySlug);
  const names = [...new Set(providers.flatMap((slug) => Object.keys(bySlug[slug])))];
  const rows = names.map((name) => [
    make("code", {}, name),
    ...providers.map((slug) => {
      const cell = bySlug[slug][name] || {};
      return supportCell(cell.support === "yes" && cell.evidence ? `yes: ${cell.evidence}` : cell.support);
    }),
  ]);
  return folded("What each provider fills, and how that is known", providers, rows);
}

function folded(title, columns, rows) {
  return rows.length ? make("details", {}, make("summary", {}, title), table(["", ...columns], rows)) : null;
}

function schemaRows(reference, spec, prefix, depth) {
  const schema = resolve(reference, spec);
  const rows = [];
  for (const [name, kind] of Object.entries(schema.properties || {})) {
    const required = (schema.required || []).includes(name) ? " required" : "";
    const label = make("span", {}, make("code", {}, prefix + name), make("span", { class: "quiet" }, required));
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
  const content = (operation.requestBody || {}).content || {};
  const rows = schemaRows((content["application/json"] || {}).schema, spec, "", 0);
  return rows.length ? [make("h4", {}, "Body"), table(["name", "type", ""], rows)] : null;
}

function answers(operation, spec) {
  const rows = Object.entries(operation.responses || {}).map(([status, response]) => [
    make("code", {}, status),
    make("span", {}, ...prose(response.description)),
    Object.keys(response.content || {}).join(", "),
  ]);
  const good = ((operation.responses || {})["200"] || {}).content || {};
  const shape = schemaRows((good["application/json"] || {}).schema, spec, "", 0);
  return [
    make("details", {}, make("summary", {}, "Answers"), table(["status", "", "type"], rows)),
    shape.length ? make("details", {}, make("summary", {}, "Shape of a good answer"), table(["name", "type", ""], shape)) : null,
  ];
}

function curl(verb, path, operation) {
  const root = location.href.replace(/\/docs.*$/, "");
  const names = (operation.parameters || []).map((parameter) => parameter.name);
  const query = names.includes("integrated_account_id") ? "?integrated_account_id=$ACCOUNT" : "";
  const words = [`curl ${verb === "get" ? "" : `-X ${verb.toUpperCase()} `}'${root}${path}${query}'`.replace(/'(.*\$ACCOUNT)'/, '"$1"')];
  if (!(operation.security && !operation.security.length)) words.push('-H "Authorization: Bearer $TOKEN"');
  if (operation.requestBody) words.push("-d @body.json");
  return make("pre", {}, make("code", {}, words.join(" \\\n  ")));
}

function show(spec) {
  document.title = `${spec.info.title} API`;
  document.getElementById("title").textContent = `${spec.info.title} ${spec.info.version}`;
  document.getElementById("about").append(...prose(spec.info.description), " ", make("a", { href: "openapi.json" }, "openapi.json"));
  const groups = new Map();
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const verb of VERBS.filter((name) => item[name])) {
      const tag = (item[verb].tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push({ path, item, verb, operation: item[verb] });
    }
  }
  const menu = document.getElementById("menu");
  const content = document.getElementById("content");
  content.replaceChildren();
  for (const [tag, calls] of groups) {
    const links = make("section", {}, make("h2", {}, tag));
    const section = make("section", {}, make("h2", {}, tag));
    for (const { path, item, verb, operation } of calls) {
      const id = operation.operationId || `${verb}${path}`;
      const label = make("span", { class: `verb ${verb}` }, verb.toUpperCase());
      links.append(make("a", { href: `#${id}`, "data-for": id }, label, make("span", {}, ...breakable(path))));
      const parts = [parameters(operation, item, spec), support(operation), fields(operation), body(operation, spec), answers(operation, spec)];
      section.append(make("article", { id, "data-words": `${verb} ${path} ${operation.summary || ""} ${tag}`.toLowerCase() },
        make("h3", {}, label.cloneNode(true), make("span", { class: "path" }, path), make("span", { class: "quiet" }, operation.summary || "")),
        operation.description ? make("p", {}, ...prose(operation.description)) : null,
        make("h4", {}, "Call"), curl(verb, path, operation),
        ...parts.flat().filter(Boolean)));
    }
    menu.append(links);
    content.append(section);
  }
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const article of document.querySelectorAll("article")) {
    const fits = words.every((word) => article.dataset.words.includes(word));
    article.hidden = !fits;
    document.querySelector(`[data-for="${CSS.escape(article.id)}"]`).hidden = !fits;
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = ![...section.querySelectorAll("article, a")].some((entry) => !entry.hidden);
  }
}

document.getElementById("find").addEventListener("input", (event) => find(event.target.value));
fetch("openapi.json")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`HTTP ${answer.status}`))))
  .then(show)
  .catch((error) => {
    document.getElementById("state").textContent = `openapi.json cannot be read: ${error.message}`;
  });
