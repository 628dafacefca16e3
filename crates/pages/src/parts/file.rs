//! Pictures and recordings.

use std::borrow::Cow;

use askama::Template;
use url::Url;
use yilin_domain::file::FileReference;

use super::markup;

/// A picture or a recording.
#[derive(Template)]
#[template(path = "parts/file.html")]
pub(crate) struct FileView {
    address: String,
    kind: FileKind,
    caption: Cow<'static, str>,
    /// The link to the file itself.
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
    /// A picture. `link` is how the reader gets the file of this reference.
    pub(crate) fn picture(
        of: &FileReference,
        link: &str,
        caption: Cow<'static, str>,
        open: Cow<'static, str>,
    ) -> Self {
        Self::new(of, FileKind::Picture, link, caption, open)
    }

    /// A recording with picture or sound.
    pub(crate) fn recording(
        of: &FileReference,
        link: &str,
        caption: Cow<'static, str>,
        open: Cow<'static, str>,
    ) -> Self {
        Self::new(of, FileKind::Recording, link, caption, open)
    }

    fn new(
        of: &FileReference,
        kind: FileKind,
        link: &str,
        caption: Cow<'static, str>,
        open: Cow<'static, str>,
    ) -> Self {
        let (address, kind) = match of {
            FileReference::Held(_) => (same_origin(link), kind),
            FileReference::AsGiven(text) => (text.clone(), FileKind::Elsewhere),
        };
        Self { address, kind, caption, open }
    }
}

/// Links begin with the public URL; a page may be open under another name of the same service, and loads files from its
/// own origin only.
fn same_origin(link: &str) -> String {
    Url::parse(link).map_or_else(|_| link.to_owned(), |url| url.path().to_owned())
}
