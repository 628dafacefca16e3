// Layout shifts since the page was loaded, except those that follow an input.
const done = arguments[arguments.length - 1];
const described = (node) => (node ? `${node.nodeName.toLowerCase()}${node.id ? `#${node.id}` : ""}` : "?");
const found = [];
const note = (entries) => {
  for (const entry of entries) {
    if (!entry.hadRecentInput) found.push(`${entry.value} of ${entry.sources.map((source) => described(source.node)).join(", ")}`);
  }
};
const observer = new PerformanceObserver((list) => note(list.getEntries()));
observer.observe({ type: "layout-shift", buffered: true });
// Buffered entries are delivered by a task.
setTimeout(() => {
  note(observer.takeRecords());
  done(found);
});
