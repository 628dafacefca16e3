// Sends a form with a file, shows how far that is, and lets people stop it. Without scripts the browser sends the form. The
// answer is shown as the browser would show it: the page that it leads to, or in place of this one what is wrong.

const STATES = ["sending", "sent", "stopped", "failed"];

const part = (form, name) => form.querySelector(`[data-upload="${name}"]`);

let request = null;

// Tells the state of an upload; `null` before and after it.
function tell(form, state) {
  const isUnderWay = state === "sending" || state === "sent";
  const button = form.querySelector("button[type=submit]");
  const progress = part(form, "progress");
  if (!isUnderWay && progress.contains(document.activeElement)) button.focus();
  progress.hidden = !isUnderWay;
  for (const name of STATES) part(form, name).hidden = name !== state;
  for (const field of form.querySelectorAll(".field")) field.inert = isUnderWay;
  if (isUnderWay) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

function advance(form, share) {
  const percent = Math.floor(share * 100);
  form.querySelector("progress").value = percent;
  part(form, "percent").textContent = `${percent}%`;
}

function send(form) {
  const sent = new XMLHttpRequest();
  request = sent;
  sent.upload.addEventListener("progress", ({ loaded, total }) => advance(form, total ? loaded / total : 0));
  sent.upload.addEventListener("load", () => tell(form, "sent"));
  sent.addEventListener("load", () => show(form, sent));
  sent.addEventListener("error", () => tell(form, "failed"));
  sent.addEventListener("abort", () => tell(form, "stopped"));
  sent.addEventListener("loadend", () => (request = null));
  sent.open("POST", form.action);
  sent.responseType = "document";
  advance(form, 0);
  tell(form, "sending");
  sent.send(new FormData(form));
}

// Shows the answer. Another address than the form's is the page that it led to.
function show(form, { status, responseURL, response }) {
  if (status < 400 && responseURL !== form.action) return location.assign(responseURL);
  // What is not a page of ours comes from something between the browser and the service.
  if (!response?.getElementById("main")) return tell(form, "failed");
  document.title = response.title;
  document.body = document.adoptNode(response.body);
  scrollTo(0, 0);
  (document.querySelector(".summary") ?? document.getElementById("main")).focus();
}

// Before form.js, which leaves a form alone that a script sends.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    // That no file was chosen is the service's to say.
    if (!part(form, "progress") || !form.querySelector("input[type=file]").files.length) return;
    event.preventDefault();
    if (!request) send(form);
  },
  { capture: true },
);

document.addEventListener("click", (event) => {
  if (event.target.closest('[data-upload="stop"]')) request?.abort();
});

// Coming back with the browser's button, the file can be sent again.
addEventListener("pageshow", () => {
  request = null;
  for (const progress of document.querySelectorAll('[data-upload="progress"]')) tell(progress.closest("form"), null);
});
