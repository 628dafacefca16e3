// Where the focus is, and whether that is seen.
const element = document.activeElement;
const described = (node) => `${node.localName}${node.id ? `#${node.id}` : ""} "${(node.textContent || node.name || "").trim().slice(0, 30)}"`;
const place = window.tabStops.indexOf(element);
const has_parts = /^(date|datetime-local|time|month|week)$/.test(element?.type ?? "") || element instanceof HTMLMediaElement;
if (place < 0) return { place: null, what: element ? described(element) : "nothing", has_parts, is_marked: false, covered_by: null };
const style = getComputedStyle(element);
const is_marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
const box = element.getClientRects()[0];
let cover = "the edge of the window";
let is_seen = false;
if (box) {
  const y = box.top + box.height / 2;
  for (const x of [box.left + box.width / 2, box.left + 2, box.right - 2]) {
    const top = document.elementFromPoint(x, y);
    if (!top) continue;
    if (element.contains(top) || top.contains(element) || top.closest("label")?.control === element) is_seen = true;
    else cover = described(top);
  }
}
return { place, what: described(element), has_parts, is_marked, covered_by: is_seen ? null : cover };
