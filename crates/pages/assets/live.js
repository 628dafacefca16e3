// Live updates: an event about a record that this page shows replaces its row by a fresh one and marks it for a moment. A
// page that somebody is typing into is never changed: it says that there is something new.

const body = document.body;
const notice = document.getElementById("live-notice");
const PAUSE = 400; // several events often concern one step

let pending = new Set();
let timer = 0;
let typing = false;

// What was typed or chosen since the page was loaded must not be lost.
document.addEventListener("input", (event) => {
  if (event.target.closest("form")) typing = true;
});

function shown(kind, id) {
  return document.querySelectorAll(`[data-live~="${CSS.escape(`${kind}-${id}`)}"], [data-live~="any-${CSS.escape(kind)}"]`);
}

function tell() {
  if (notice) notice.hidden = false;
}

async function refresh() {
  const ids = [...pending];
  pending = new Set();
  if (typing) return tell();
  let fresh;
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
    if (!response.ok) return tell();
    fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return tell();
  }
  // Somebody may have begun to type meanwhile.
  if (typing) return tell();
  for (const id of ids) {
    const old = document.getElementById(id);
    const next = fresh.getElementById(id);
    if (!old) continue;
    if (!next) {
      tell();
      continue;
    }
    if (old.isEqualNode(next)) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const adopted = document.adoptNode(next);
    adopted.classList.add("changed");
    old.replaceWith(adopted);
    if (focused) document.getElementById(focused)?.focus();
    setTimeout(() => adopted.classList.remove("changed"), 4000);
  }
}

function concerns(event) {
  let subject;
  try {
    ({ subject } = JSON.parse(event.data));
  } catch {
    return;
  }
  if (!subject) return tell();
  const elements = shown(subject.kind, subject.id);
  for (const element of elements) if (element.id) pending.add(element.id);
  if (elements.length === 0) {
    // A list may have a row more now.
    if (body.dataset.liveList === subject.kind) tell();
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE);
}

if (body.dataset.events && "EventSource" in window) {
  const source = new EventSource(body.dataset.events);
  for (const type of (body.dataset.eventTypes ?? "").split(" ")) if (type) source.addEventListener(type, concerns);
  source.addEventListener("reset", tell);
  // What happened while the line was not open was not heard: at the start of a slow page, or after a break.
  let opened = false;
  source.addEventListener("open", () => {
    if (opened || performance.now() > 3000) {
      for (const element of document.querySelectorAll("[data-live][id]")) pending.add(element.id);
      refresh();
    }
    opened = true;
  });
  // A page that is left must not hold a connection.
  addEventListener("pagehide", () => source.close());
}
