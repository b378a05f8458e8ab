// A call of the service: the same for curl, a form that sends it, and the answer.
import { copyable, make } from "./dom.js";
import { ACCOUNT, callForm } from "./form.js";
import { isPublic } from "./schema.js";

const MAX_LETTERS = 200000;
const SHOWN_HEADERS = /^(x-unify-|retry-after|x-request-id)/;

// What every call needs. The token is kept here and nowhere else: leaving the page forgets it.
const shared = { token: "", account: "" };
const watchers = [];

export function watchShared(tokenField, accountField) {
  for (const [name, field] of [["token", tokenField], ["account", accountField]]) {
    field.addEventListener("input", () => {
      shared[name] = field.value.trim();
      watchers.forEach((watch) => watch());
    });
  }
  addEventListener("pagehide", () => {
    tokenField.value = "";
    shared.token = "";
  });
}

function origin() {
  return location.href.replace(/\/docs.*$/, "");
}

function queryText(pairs) {
  const encode = (text) => encodeURIComponent(text).replace(/%5B/g, "[").replace(/%5D/g, "]");
  return pairs.length ? `?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&")}` : "";
}

function quoted(text) {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

// The command of a call. It never holds the token: people paste it into chats and tickets.
function curl(call, verb, operation) {
  const account = call.needsAccount ? [[ACCOUNT, shared.account || "ACCOUNT_ID"]] : [];
  const address = origin() + call.path + queryText([...account, ...call.query]);
  const words = [`curl ${verb === "get" ? "" : `-X ${verb.toUpperCase()} `}-g ${quoted(address)}`]; // -g: brackets stay
  if (!isPublic(operation)) words.push('-H "Authorization: Bearer $TOKEN"');
  if (call.body !== null) words.push("-H 'Content-Type: application/json'", `-d ${quoted(call.body)}`);
  return words.join(" \\\n  ");
}

// What a call lacks before it can be sent; null if nothing.
function fault(call, operation) {
  const step = call.path.match(/\{([^}]+)\}/);
  if (step) return `“${step[1]}” is empty: it is a part of the path.`;
  return isPublic(operation) || shared.token ? null : "This call needs a token: enter it at the head of the page.";
}

async function send(call, verb, operation) {
  const account = call.needsAccount && shared.account ? [[ACCOUNT, shared.account]] : [];
  const headers = {};
  if (!isPublic(operation)) headers.Authorization = `Bearer ${shared.token}`;
  if (call.body !== null) headers["Content-Type"] = "application/json";
  const start = performance.now();
  const answer = await fetch(origin() + call.path + queryText([...account, ...call.query]), {
    method: verb.toUpperCase(), headers, body: call.body ?? undefined, cache: "no-store", credentials: "omit", redirect: "error",
  });
  const text = readable(await answer.text());
  const line = `${answer.status} ${answer.statusText}`.trim();
  const notes = [...answer.headers].filter(([name]) => SHOWN_HEADERS.test(name)).map((pair) => pair.join(": "));
  return { isGood: answer.ok, text, summary: [`${line}, ${Math.round(performance.now() - start)} ms`, ...notes].join("\n") };
}

function readable(text) {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // It is not JSON, and is shown as it came.
  }
  return shown.length > MAX_LETTERS ? `${shown.slice(0, MAX_LETTERS)}\n… ${shown.length - MAX_LETTERS} more letters` : shown;
}

// The part of an article that shows and sends a call.
export function callOf(path, item, verb, operation, spec) {
  const command = copyable(`the curl command of ${operation.operationId}`);
  const answer = copyable(`the answer of ${operation.operationId}`);
  const status = make("p", { role: "status" });
  const button = make("button", { type: "submit" }, verb === "get" ? "Send" : `Send ${verb.toUpperCase()}`);
  const { rows, read } = callForm(path, item, operation, spec);
  const form = make("form", {}, rows, make("div", { class: "send" }, button), status, answer.box);
  const say = (kind, text) => {
    status.className = kind;
    status.textContent = text;
  };
  const refresh = () => command.show(curl(read(), verb, operation));
  answer.box.hidden = true;
  form.addEventListener("input", refresh);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const call = read();
    answer.box.hidden = true;
    const lack = fault(call, operation);
    if (lack) return say("fault", lack);
    button.disabled = true;
    say("quiet", "Sending…");
    try {
      const { isGood, text, summary } = await send(call, verb, operation);
      say(isGood ? "yes" : "fault", summary);
      answer.show(text);
      answer.box.hidden = text === "";
    } catch (error) {
      say("fault", `There was no answer: ${error.message}`);
    }
    button.disabled = false;
  });
  watchers.push(refresh);
  refresh();
  return [
    make("h4", {}, "Call"), command.box,
    make("details", { class: "try" }, make("summary", {}, "Send this call from here"), form),
  ];
}
