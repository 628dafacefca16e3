//! Relationships between the parts of a package.

use quick_xml::events::Event;
use yilin_domain::roster::RosterFault;

use crate::fault::Stop;
use crate::package::Package;
use crate::xml::attribute;

/// Maximum number of relationships per part.
const RELATIONS: usize = 10_000;

/// The relationships of a part, or of the package as a whole (ECMA-376 part 2, 9.3).
#[derive(Debug, Default)]
pub(super) struct Relations(Vec<Relation>);

#[derive(Debug)]
struct Relation {
    id: String,
    /// Last segment of the type; the prefix differs in the strict format.
    kind: String,
    target: String,
}

impl Relations {
    /// The relationships of a part; an empty name is the package itself.
    pub(super) fn of(package: &mut Package, part: &str) -> Result<Self, Stop> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let place = format!("{folder}/_rels/{name}.rels");
        let mut relations = Vec::new();
        let Some(mut xml) = package.xml(&place)? else { return Ok(Self::default()) };
        while let Some(event) = xml.next()? {
            let Event::Start(element) = event else { continue };
            if element.local_name().as_ref() != "Relationship" {
                continue;
            }
            let is_outside = attribute(&element, "TargetMode")?.is_some_and(|mode| mode == "External");
            let kind = attribute(&element, "Type")?.unwrap_or_default();
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            let target = resolve(folder, &attribute(&element, "Target")?.unwrap_or_default());
            let id = attribute(&element, "Id")?.unwrap_or_default();
            if relations.len() >= RELATIONS {
                return Err(RosterFault::TooLargeInside.into());
            }
            relations.extend((!is_outside).then_some(Relation { id, kind, target }));
        }
        Ok(Self(relations))
    }

    /// The target of the only relationship of this type.
    pub(super) fn target(&self, kind: &str) -> Option<String> {
        self.0.iter().find(|relation| relation.kind == kind).map(|relation| relation.target.clone())
    }

    /// The worksheet with this relationship id; `None` for charts and other sheets.
    pub(super) fn worksheet(&self, id: &str) -> Option<String> {
        let found = self.0.iter().find(|relation| relation.id == id)?;
        (found.kind == "worksheet").then(|| found.target.clone())
    }
}

/// Resolves a target relative to the folder of the part that refers to it.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let start = if target.starts_with('/') { "" } else { folder };
    let mut path: Vec<&str> = Vec::new();
    for step in start.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn references_are_resolved() {
        for (folder, target, name) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "../xl/./a.xml", "xl/a.xml"),
            ("xl", "worksheets\\sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("", "book.xml", "book.xml"),
            ("", "../../../etc/passwd", "etc/passwd"),
        ] {
            assert_eq!(resolve(folder, target), name, "{target}");
        }
    }
}
