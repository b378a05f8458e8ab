// Reads the schemas of the OpenAPI document.
export function resolve(schema, spec) {
  if (!schema || !schema.$ref) return schema || {};
  return schema.$ref.split("/").slice(1).reduce((value, step) => value[step], spec);
}

export function typeOf(reference, spec) {
  const schema = resolve(reference, spec);
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const either = schema.anyOf || schema.oneOf;
  if (either) return [...new Set(either.map((branch) => typeOf(branch, spec)))].join(" | ");
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  if (schema.type === "array") return `list of ${typeOf(schema.items, spec)}`;
  return schema.format ? `${schema.type}, ${schema.format}` : schema.type || "anything";
}

export function parametersOf(item, operation) {
  return [...(item.parameters || []), ...(operation.parameters || [])];
}

// The schema of each name that a parameter has in a query string.
export function spellings(parameter, spec) {
  const schema = resolve(parameter.schema, spec);
  if (parameter.style !== "deepObject") return { [parameter.name]: schema };
  const inner = Object.entries(schema.properties || {});
  if (!inner.length) return { [`${parameter.name}[name]`]: schema.additionalProperties || {} };
  return Object.fromEntries(inner.map(([key, value]) => [`${parameter.name}[${key}]`, value]));
}

export function bodyOf(operation) {
  const content = (operation.requestBody || {}).content || {};
  return content["application/json"] || null;
}

export function exampleOf(operation, spec) {
  const [example] = resolve((bodyOf(operation) || {}).schema, spec).examples || [];
  return example === undefined ? null : JSON.stringify(example, null, 2);
}

export function isPublic(operation) {
  return Boolean(operation.security) && !operation.security.length;
}
