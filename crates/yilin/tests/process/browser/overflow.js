// What sticks out of the window, texts that are cut off, and texts that are too small to read.
const width = document.documentElement.clientWidth;
const described = (element) => {
  const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
  const classes = [...element.classList].map((name) => `.${name}`).join("");
  return `${element.localName}${element.id ? `#${element.id}` : ""}${classes} "${text}"`;
};
// Inside of what scrolls, or of what is meant for screen readers only.
const isApart = (element) => {
  for (let above = element.parentElement; above && above !== document.body; above = above.parentElement) {
    const { overflowX } = getComputedStyle(above);
    if (overflowX === "auto" || overflowX === "scroll" || (overflowX === "hidden" && above.clientWidth <= 1)) return true;
  }
  return false;
};
const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
// As it is drawn: a drawing may be scaled.
const sizeOf = (element) => parseFloat(getComputedStyle(element).fontSize) * (element.getScreenCTM?.()?.a ?? 1);
const isClipped = (value) => value === "hidden" || value === "clip";

const found = [];
if (document.documentElement.scrollWidth > width) {
  found.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
}
for (const element of document.body.querySelectorAll("*")) {
  if (!element.checkVisibility({ visibilityProperty: true })) continue;
  const box = element.getBoundingClientRect();
  // Meant for screen readers only.
  if (box.width <= 1 || box.height <= 1 || box.right <= 0) continue;
  if ((box.right > width + 0.5 || box.left < -0.5) && !isApart(element)) {
    found.push(`sticks out (${Math.round(box.left)} to ${Math.round(box.right)} of ${width}): ${described(element)}`);
  }
  if (hasText(element) && sizeOf(element) < 12) found.push(`${sizeOf(element)} pixels high: ${described(element)}`);
  const style = getComputedStyle(element);
  const isCut =
    (isClipped(style.overflowX) && element.scrollWidth > element.clientWidth + 1) ||
    (isClipped(style.overflowY) && element.scrollHeight > element.clientHeight + 1);
  if (isCut && hasText(element)) found.push(`cut off: ${described(element)}`);
  if (element instanceof SVGTextElement && getComputedStyle(element.ownerSVGElement).overflow !== "visible") {
    const canvas = element.ownerSVGElement.getBoundingClientRect();
    if (box.left < canvas.left - 1 || box.right > canvas.right + 1 || box.bottom > canvas.bottom + 1) {
      found.push(`cut off: ${described(element)}`);
    }
  }
}
return found;
