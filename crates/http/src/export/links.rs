//! From links that work for an hour to files in the export.

use std::collections::HashMap;

use serde_json::Value;
use yilin_domain::file::{ContentId, FileMention};
use yilin_domain::usecase::Export;

/// Which files are in the export, and under which names.
#[derive(Default)]
pub(super) struct Links {
    /// `None` for one that could not be read.
    paths: HashMap<String, Option<String>>,
}

impl Links {
    /// Whether the file was added or found missing before.
    pub(super) fn knows(&self, cid: &ContentId) -> bool {
        self.paths.contains_key(cid.as_str())
    }

    /// Gives the file a name in the export.
    pub(super) fn add(&mut self, cid: &ContentId, extension: &str) -> String {
        let path = format!("files/{}.{extension}", cid.as_str());
        self.paths.insert(cid.as_str().to_owned(), Some(path.clone()));
        path
    }

    /// The file could not be read.
    pub(super) fn missing(&mut self, cid: &ContentId) {
        self.paths.insert(cid.as_str().to_owned(), None);
    }

    /// The files that could not be read, in order.
    pub(super) fn all_missing(&self) -> Vec<&str> {
        let missing = self.paths.iter().filter(|(_, path)| path.is_none());
        let mut missing: Vec<&str> = missing.map(|(cid, _)| cid.as_str()).collect();
        missing.sort_unstable();
        missing
    }

    /// Replaces links to our files by their names in the export, and those of missing files by their CIDs.
    pub(super) fn localise(&self, export: &Export, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(mention) = link(export, text) {
                    let path = self.paths.get(mention.cid.as_str()).cloned().flatten();
                    *text = path.unwrap_or_else(|| mention.cid.as_str().to_owned());
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.localise(export, value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.localise(export, value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The links to our files that a record shows.
pub(super) fn shown_in(export: &Export, value: &Value) -> Vec<FileMention> {
    match value {
        Value::String(text) => link(export, text).into_iter().collect(),
        Value::Array(values) => values.iter().flat_map(|value| shown_in(export, value)).collect(),
        Value::Object(members) => members.values().flat_map(|value| shown_in(export, value)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// A text that is a link which has just been made for this reader.
fn link(export: &Export, text: &str) -> Option<FileMention> {
    if !text.contains("/ipfs/") {
        return None;
    }
    FileMention::parse(text).ok().filter(|mention| export.shows(mention))
}
