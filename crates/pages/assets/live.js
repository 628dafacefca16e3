// Live updates: an event about a record that this page shows replaces its part by a fresh one and marks it for a moment. A
// page that somebody is typing into, or where something plays, is never changed: it says that there is something new.

const body = document.body;
const PAUSE = 400; // several events often concern one step
const PATIENCE = 4000; // a short break is not worth a word
const RETRY = 10000; // after an answer that was no stream, where browsers give up

const say = (id, isSo) => {
  const words = document.getElementById(id);
  if (words) words.hidden = !isSo;
};
const tell = () => say("live-notice", true);

// It may lie over what somebody wants to press.
for (const button of document.querySelectorAll(".toasts .close")) {
  button.addEventListener("click", () => (button.parentElement.hidden = true));
}

let pending = new Set();
let refreshing = 0;
let isTyping = false;

// What was typed or chosen since the page was loaded must not be lost.
document.addEventListener("input", (event) => {
  if (event.target.closest("form")) isTyping = true;
});

const mustStay = () => isTyping || [...document.querySelectorAll("audio, video")].some((media) => !media.paused);

// The same element in a fresh copy, to which the focus goes.
function twin(focused, fresh) {
  if (focused.id) return document.getElementById(focused.id);
  const address = focused.getAttribute("href");
  return address && fresh.querySelector(`a[href="${CSS.escape(address)}"]`);
}

function replace(id, fresh) {
  const old = document.getElementById(id);
  const next = fresh.getElementById(id);
  if (!old || old.isEqualNode(next)) return;
  if (!next) return tell();
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const adopted = document.adoptNode(next);
  adopted.classList.add("changed");
  old.replaceWith(adopted);
  if (focused) (adopted.id === focused.id ? adopted : twin(focused, adopted))?.focus({ preventScroll: true });
  setTimeout(() => adopted.classList.remove("changed"), PATIENCE);
}

async function refresh() {
  const ids = pending;
  pending = new Set();
  if (mustStay()) return tell();
  let fresh;
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
    if (!response.ok) return tell();
    fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return tell();
  }
  // Somebody may have begun to type meanwhile.
  if (mustStay()) return tell();
  for (const id of ids) replace(id, fresh);
}

function concerns({ subject }) {
  const name = `${subject.kind}-${subject.id}`;
  if (body.dataset.liveTell?.split(" ").includes(name)) return tell();
  const parts = document.querySelectorAll(`[data-live~="${CSS.escape(name)}"], [data-live~="any-${CSS.escape(subject.kind)}"]`);
  for (const part of parts) if (part.id) pending.add(part.id);
  if (parts.length > 0) {
    clearTimeout(refreshing);
    refreshing = setTimeout(refresh, PAUSE);
  } else if (body.dataset.liveList === subject.kind) {
    // A list may have a row more now.
    tell();
  }
}

// The address begins after the newest event that the page may show, so that nothing is missed, however late it connects.
const address = body.dataset.events && new URL(body.dataset.events, location.href);
let source = null;
let losing = 0;
let retrying = 0;

function hear(event) {
  if (event.lastEventId) address.searchParams.set("after", event.lastEventId);
  if (event.type === "reset") return tell();
  concerns(JSON.parse(event.data));
}

function listen() {
  clearTimeout(retrying);
  if (source || document.hidden) return;
  source = new EventSource(address);
  for (const type of [...body.dataset.eventTypes.split(" "), "reset"]) source.addEventListener(type, hear);
  source.addEventListener("open", () => {
    clearTimeout(losing);
    losing = 0;
    body.dataset.line = "open";
    say("live-lost", false);
  });
  source.addEventListener("error", () => {
    body.dataset.line = "lost";
    losing ||= setTimeout(say, PATIENCE, "live-lost", true);
    if (source.readyState !== EventSource.CLOSED) return;
    hangUp();
    retrying = setTimeout(listen, RETRY);
  });
}

function hangUp() {
  source?.close();
  source = null;
}

if (address) {
  listen();
  // A page that nobody sees needs no connection: browsers have few of them. It catches up when it is seen again.
  document.addEventListener("visibilitychange", () => (document.hidden ? hangUp() : listen()));
  addEventListener("pagehide", hangUp);
  addEventListener("pageshow", listen);
}
