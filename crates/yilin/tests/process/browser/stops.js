// The elements that the tab key should reach, in the order of the document, and a record of what it reaches.
const described = (element) => `${element.localName}${element.id ? `#${element.id}` : ""} "${(element.textContent || element.name || "").trim().slice(0, 30)}"`;
const stops = [];
const candidates = "a[href], button, input, select, textarea, summary, audio[controls], video[controls], [tabindex]";
for (const element of document.querySelectorAll(candidates)) {
  if (element.disabled || element.type === "hidden" || element.tabIndex < 0) continue;
  if (!element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
  if (element.type === "radio") {
    // A group is one stop: its chosen button, or else the first one.
    const group = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(element.name)}"]`)].filter(
      (other) => other.form === element.form,
    );
    if (element !== (group.find((other) => other.checked) ?? group[0])) continue;
  }
  stops.push(element);
}

const isMarked = (element) => {
  const style = getComputedStyle(element);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
};

// What covers the element, if no part of its middle is seen.
const coverOf = (element) => {
  const box = element.getClientRects()[0];
  if (!box) return "nothing: it has no place";
  const y = box.top + box.height / 2;
  let cover = "the edge of the window";
  for (const x of [box.left + box.width / 2, box.left + 2, box.right - 2]) {
    const top = document.elementFromPoint(x, y);
    if (!top) continue;
    if (element.contains(top) || top.contains(element) || top.closest("label")?.control === element) return null;
    cover = described(top);
  }
  return cover;
};

window.reached = [];
// When the key comes up again, the focus has moved, and its element was scrolled to.
document.addEventListener(
  "keyup",
  () => {
    const element = document.activeElement;
    const place = stops.indexOf(element);
    const what = element ? described(element) : "nothing";
    window.reached.push(
      place < 0
        ? { place: null, what, is_marked: false, covered_by: null }
        : { place, what, is_marked: isMarked(element), covered_by: coverOf(element) },
    );
  },
  true,
);

// The first one is next, even if the page gave the focus to another one.
document.body.tabIndex = -1;
document.body.focus();
document.body.removeAttribute("tabindex");
const hasParts = (element) => /^(date|datetime-local|time|month|week)$/.test(element.type ?? "") || element instanceof HTMLMediaElement;
return { elements: stops.map(described), with_parts: stops.filter(hasParts).length };
