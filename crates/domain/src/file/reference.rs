//! References from requests and records to files.

use super::{ContentId, FileToken};
use crate::validation::FieldProblem;

/// A file reference in a request: a CID, or a URL that ends in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMention {
    /// The text as given.
    pub text: String,
    /// The referenced content.
    pub cid: ContentId,
    /// The token after the CID, if the URL has one.
    pub token: Option<FileToken>,
}

impl FileMention {
    /// Maximum number of characters.
    pub const MAX_CHARS: usize = 1000;

    /// Parses a bare CID, or an http(s) URL that ends in `/ipfs/<CID>` or `/ipfs/<CID>/<token>` and contains
    /// none of `? & = % + #`, which clients cannot carry in their page URLs.
    ///
    /// The token is verified by [`FileLinks`](super::FileLinks).
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldProblem::Missing);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(FieldProblem::TooLong { max: Self::MAX_CHARS });
        }
        let (cid, token) = if is_http_url(text) { split_url(text)? } else { (text, None) };
        Ok(Self { text: text.to_owned(), cid: ContentId::parse(cid)?, token })
    }

    /// Whether it is a bare CID.
    pub fn is_bare_cid(&self) -> bool {
        self.text == self.cid.as_str()
    }
}

fn is_http_url(text: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

fn split_url(url: &str) -> Result<(&str, Option<FileToken>), FieldProblem> {
    let forbidden = |c: char| "?&=%+#\\\"<>".contains(c) || c.is_whitespace() || c.is_control();
    if url.contains(forbidden) {
        return Err(FieldProblem::NotAFile);
    }
    let (host_and_path, tail) = url.rsplit_once("/ipfs/").ok_or(FieldProblem::NotAFile)?;
    let host = host_and_path.split_once("://").map_or("", |(_, rest)| rest);
    if host.is_empty() || host.starts_with('/') {
        return Err(FieldProblem::NotAFile);
    }
    match tail.split_once('/') {
        None => Ok((tail, None)),
        Some((cid, token)) => {
            let token = FileToken::parse(token).ok_or(FieldProblem::NotAFile)?;
            Ok((cid, Some(token)))
        }
    }
}

/// A file reference as stored in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileReference {
    /// A file in our store, referenced by an account that had access to it. Readers of the record get a link
    /// to it.
    Held(ContentId),
    /// Any other text; returned unchanged, and grants no access.
    AsGiven(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    const CID: &str = "QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG";

    #[test]
    fn valid_references() {
        for text in [
            CID.to_owned(),
            format!("http://192.168.1.11:8080/ipfs/{CID}"),
            format!("HTTPS://example.org/a/ipfs/{CID}"),
            format!("http://127.0.0.1:8088/ipfs/{CID}/1a2b.c-d_E"),
            "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi".to_owned(),
        ] {
            let mention = FileMention::parse(&text).unwrap();
            assert_eq!(mention.text, text);
            assert_eq!(mention.token.is_some(), text.contains("1a2b"), "{text}");
        }
    }

    #[test]
    fn invalid_references() {
        for text in [
            "QmNope".to_owned(),
            "photo.jpg".to_owned(),
            format!("ftp://example.org/ipfs/{CID}"),
            format!("http:///ipfs/{CID}"),
            format!("http://example.org/{CID}"),
            format!("http://example.org/ipfs/{CID}?filename=a.jpg"),
            format!("http://example.org/ipfs/{CID}#page"),
            format!("http://example.org/a%20b/ipfs/{CID}"),
            format!("http://example.org/ipfs/{CID}/a/b"),
            format!("http://example.org/ipfs/{CID}/"),
            format!("javascript:alert(1)//ipfs/{CID}"),
        ] {
            assert_eq!(FileMention::parse(&text), Err(FieldProblem::NotAFile), "{text}");
        }
    }
}
