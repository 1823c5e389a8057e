// Keeps the status page fresh while it is visible. Without it the page still shows the state at loading.
const summary = document.querySelector("#summary");
const rows = document.querySelector("#components");

function cell(...children) {
  const td = document.createElement("td");
  td.append(...children);
  return td;
}

function element(name, className, text) {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = text;
  return node;
}

function place(component) {
  if (!component.url) return "";
  if (!component.url.startsWith("http://")) return element("code", "", component.url);
  const link = element("a", "", component.url);
  link.href = component.url;
  return link;
}

function row(component) {
  const tr = document.createElement("tr");
  tr.append(
    cell(component.name, " ", element("small", "", component.kind)),
    cell(element("span", `state ${component.health}`, component.health)),
    cell(String(component.restarts)),
    cell(place(component), " ", component.detail ?? ""),
  );
  return tr;
}

function show(status) {
  const all = status.components.length;
  const ready = status.components.filter((component) => component.health === "ready").length;
  summary.textContent = ready === all ? "Everything is ready" : `${ready} of ${all} components are ready`;
  summary.className = ready === all ? "ready" : "starting";
  rows.replaceChildren(...status.components.map(row));
}

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/status/status.json", { signal: AbortSignal.timeout(3000) });
    show(await answer.json());
  } catch {
    summary.textContent = "ratectl is not running any more";
    summary.className = "starting";
  }
}

setInterval(refresh, 2000);
document.addEventListener("visibilitychange", refresh);
