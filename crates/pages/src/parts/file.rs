//! Pictures and recordings.

use std::borrow::Cow;

use askama::Template;
use url::Url;
use yilin_domain::file::FileReference;

use super::markup;
use crate::texts::Texts;

/// A picture or a recording.
#[derive(Template)]
#[template(path = "parts/file.html")]
pub(crate) struct FileView {
    address: String,
    kind: FileKind,
    caption: Cow<'static, str>,
    /// The link to the file itself, or why there is none.
    open: Cow<'static, str>,
}
markup!(FileView);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Picture,
    Recording,
    /// A text that names a file elsewhere. Pages load nothing from there.
    Elsewhere,
}

impl FileView {
    /// A picture. `link` is how the reader gets the file of this reference, `caption` the name of its text.
    pub(crate) fn picture(of: &FileReference, link: &str, caption: &'static str, texts: Texts) -> Self {
        Self::new(of, FileKind::Picture, link, caption, texts)
    }

    /// A recording with picture or sound.
    pub(crate) fn recording(of: &FileReference, link: &str, caption: &'static str, texts: Texts) -> Self {
        Self::new(of, FileKind::Recording, link, caption, texts)
    }

    fn new(of: &FileReference, kind: FileKind, link: &str, caption: &'static str, texts: Texts) -> Self {
        let (address, kind, open) = match of {
            FileReference::Held(_) => (same_origin(link), kind, "file-open"),
            FileReference::AsGiven(text) => (text.clone(), FileKind::Elsewhere, "file-elsewhere"),
        };
        Self { address, kind, caption: texts.text(caption), open: texts.text(open) }
    }
}

/// Links begin with the public URL; a page may be open under another name of the same service, and loads files from its
/// own origin only.
fn same_origin(link: &str) -> String {
    Url::parse(link).map_or_else(|_| link.to_owned(), |url| url.path().to_owned())
}
