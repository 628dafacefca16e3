//! Both files of texts have the same entries, every entry is used, and every text that is used exists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex::Regex;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The entries of a file, and the variables of each.
fn entries(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("texts").join(name)).unwrap();
    let (start, variable) =
        (Regex::new(r"^([a-z][a-z0-9-]*) =").unwrap(), Regex::new(r"\$([a-z_]+)").unwrap());
    let mut entries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(found) = start.captures(line) {
            found[1].clone_into(&mut current);
            assert!(!entries.contains_key(&current), "{name}: {current} is defined twice");
            entries.insert(current.clone(), BTreeSet::new());
        }
        for found in variable.captures_iter(line) {
            entries.get_mut(&current).unwrap().insert(found[1].to_owned());
        }
    }
    entries
}

fn files(of: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(of).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn both_languages_have_the_same_entries_with_the_same_variables() {
    let (chinese, english) = (entries("zh.ftl"), entries("en.ftl"));
    assert_eq!(chinese.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>());
    for (key, variables) in &chinese {
        assert_eq!(Some(variables), english.get(key), "{key}");
    }
}

#[test]
fn every_entry_is_used_and_every_text_exists() {
    let entries = entries("zh.ftl");
    let prefixes: BTreeSet<&str> = entries.keys().map(|key| key.split('-').next().unwrap()).collect();
    let literal = Regex::new(r#""([a-z][a-z0-9]*(?:-[a-z0-9]+)+)""#).unwrap();
    let called = Regex::new(r#"\.(?:text|with|with_all|count)\(\s*"([^"]+)""#).unwrap();
    let mut sources = Vec::new();
    files(&root().join("src"), &mut sources);
    files(&root().join("templates"), &mut sources);
    let mut used = BTreeSet::new();
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        for found in called.captures_iter(&text) {
            assert!(entries.contains_key(&found[1]), "{}: no text {}", path.display(), &found[1]);
        }
        for found in literal.captures_iter(&text).map(|found| found[1].to_owned()) {
            if entries.contains_key(&found) {
                used.insert(found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let prefix = found.split('-').next().unwrap();
                let is_other = IDS.contains(&found.as_str()) || !prefixes.contains(prefix);
                assert!(is_other, "{}: no text {found}", path.display());
            }
        }
    }
    let unused: Vec<_> = entries.keys().filter(|key| !used.contains(*key)).collect();
    assert_eq!(unused, Vec::<&String>::new(), "unused");
}

/// Literals that look like a text's name and are none.
const IDS: [&str; 3] = ["log-in", "new-password", "drug-order"];

#[test]
fn no_text_is_written_in_templates_or_code() {
    let mut sources = Vec::new();
    files(&root().join("src"), &mut sources);
    files(&root().join("templates"), &mut sources);
    let chinese = Regex::new(r"\p{Han}").unwrap();
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        // The switch names each language in itself, and the kitchen has sample names.
        let lines = code.lines().filter(|line| chinese.is_match(line) && !line.contains("\"中文\""));
        let lines: Vec<_> = lines.filter(|_| !path.ends_with("kitchen.rs")).collect();
        assert!(lines.is_empty(), "{}: {lines:?}", path.display());
    }
}
