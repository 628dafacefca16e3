// Forms and the frame of the page. Listens on the document: a script may put another page in place of this one.

// A form is sent once, however often its button is pressed; the service would recognise the second one as well.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
});

// Coming back with the browser's button, the form can be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[type=submit]")) button.removeAttribute("aria-disabled");
  }
});

// A confirmation after a step is told once: reloading the page does not tell it again.
if (new URLSearchParams(location.search).has("done")) {
  const address = new URL(location.href);
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// A menu closes when its work is done, as people expect.
const OPEN_MENU = "details[data-menu][open]";
const close = (menu) => menu.removeAttribute("open");
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(OPEN_MENU)) if (!menu.contains(event.target)) close(menu);
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest(OPEN_MENU);
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) close(menu);
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest(OPEN_MENU);
  if (!menu) return;
  close(menu);
  menu.querySelector("summary").focus();
});
