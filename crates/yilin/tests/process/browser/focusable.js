// The elements that the tab key should reach, in the order of the document. `focus.js` finds them in `window.tabStops`.
const groups = new Map();
const stops = [];
const candidates = "a[href], button, input, select, textarea, summary, audio[controls], video[controls], [tabindex]";
for (const element of document.querySelectorAll(candidates)) {
  if (element.disabled || element.type === "hidden" || element.tabIndex < 0) continue;
  if (!element.checkVisibility({ visibilityProperty: true })) continue;
  if (element.type === "radio") {
    // A group is one stop: its chosen button, or else the first one.
    const group = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(element.name)}"]`)].filter(
      (other) => other.form === element.form,
    );
    if (element !== (group.find((other) => other.checked) ?? group[0])) continue;
  }
  stops.push(element);
}
window.tabStops = stops;
// The first one is next, even if the page gave the focus to another one.
document.body.tabIndex = -1;
document.body.focus();
document.body.removeAttribute("tabindex");
return stops.map((element) => `${element.localName}${element.id ? `#${element.id}` : ""} "${(element.textContent || element.name || "").trim().slice(0, 30)}"`);
