//! Content identifiers.

use crate::validation::FieldProblem;

/// An IPFS content identifier (CID), in the notation in which it was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId(String);

impl ContentId {
    /// Accepts a CID of version 0 (`Qm…`) or 1.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        if text.is_empty() {
            return Err(FieldProblem::Missing);
        }
        // A CID of either version in common use is far shorter than this.
        if text.len() > 128 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(FieldProblem::NotAFile);
        }
        match cid::Cid::try_from(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(FieldProblem::NotAFile),
        }
    }

    /// The CID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ContentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
