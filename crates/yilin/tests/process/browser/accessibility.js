// What axe-core finds: WCAG 2.2 A and AA, and its best practices.
const done = arguments[arguments.length - 1];
const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }).then(
  ({ violations }) =>
    done(
      violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => ({
          rule: id,
          what: [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; "),
          place: `${node.target.join(" ")} ${node.html.slice(0, 160)}`,
        })),
      ),
    ),
  (error) => done([{ rule: "axe", what: String(error), place: "" }]),
);
