//! The media type of a file by its content, and how browsers should treat it.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt as _, TryStreamExt as _};
use yilin_domain::port::ByteStream;

use crate::iso_media::IsoMedia;

/// The type of a file, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MediaType {
    name: Option<&'static str>,
}

impl MediaType {
    /// Number of bytes examined.
    pub(crate) const BYTES_NEEDED: u64 = 4096;

    /// An unknown type.
    pub(crate) const UNKNOWN: Self = Self { name: None };

    /// Types that browsers display inline. Everything else (in particular HTML and SVG, which can run
    /// scripts) is only offered for download.
    const INLINE: [&'static str; 16] = [
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "video/mp4",
        "video/webm",
        "video/quicktime",
        "audio/mpeg",
        "audio/ogg",
        "audio/x-wav",
        "audio/x-flac",
        "audio/aac",
        "audio/m4a",
        "audio/amr",
        "audio/opus",
        "application/pdf",
    ];

    /// The type of a file with these first bytes.
    pub(crate) fn of(start: &[u8]) -> Self {
        let name = match IsoMedia::of(start) {
            Some(IsoMedia::Video) => Some("video/mp4"),
            Some(IsoMedia::QuickTime) => Some("video/quicktime"),
            Some(IsoMedia::Audio) => Some("audio/m4a"),
            Some(IsoMedia::Heif | IsoMedia::Picture) => None,
            None if is_webm(start) => Some("video/webm"),
            None => infer::get(start).map(|kind| kind.mime_type()),
        };
        Self { name: name.filter(|name| Self::INLINE.contains(name)) }
    }

    /// The name for `Content-Type`.
    pub(crate) fn name(self) -> &'static str {
        match self.name {
            // The names that browsers expect.
            Some("audio/x-wav") => "audio/wav",
            Some("audio/x-flac") => "audio/flac",
            Some("audio/m4a") => "audio/mp4",
            // RFC 7845, section 9.
            Some("audio/opus") => "audio/ogg",
            Some(name) => name,
            None => "application/octet-stream",
        }
    }

    /// For `Content-Disposition`.
    pub(crate) fn disposition(self) -> &'static str {
        if self.name.is_some() { "inline" } else { "attachment" }
    }

    /// For `Content-Security-Policy`: a file may load and run nothing. A sandbox would prevent browsers'
    /// viewers of PDF, video and audio from displaying it, and a video or audio file opened directly is
    /// loaded by the page that the browser generates around it.
    pub(crate) fn security_policy(self) -> &'static str {
        match self.name {
            Some("application/pdf") => "default-src 'none'",
            Some(name) if !name.starts_with("image/") => "default-src 'none'; media-src 'self'",
            _ => "sandbox; default-src 'none'",
        }
    }
}

/// Whether these are the first bytes of `WebM`, however short the file is: an EBML header that names the document type.
fn is_webm(start: &[u8]) -> bool {
    /// The ids of the header and of the document type in it (RFC 8794).
    const EBML: &[u8] = &[0x1a, 0x45, 0xdf, 0xa3];
    const DOC_TYPE: &[u8] = &[0x42, 0x82];
    /// Room for the header's other elements.
    const HEADER_BYTES: usize = 64;
    /// The length of the name, which takes up to 8 bytes, and the name.
    const NAME_BYTES: usize = 12;
    let header = start.get(..HEADER_BYTES).unwrap_or(start);
    let doc_type = header.windows(DOC_TYPE.len()).position(|bytes| bytes == DOC_TYPE);
    let name = doc_type.and_then(|at| header.get(at + DOC_TYPE.len()..)).unwrap_or_default();
    let name = name.get(..NAME_BYTES).unwrap_or(name);
    header.starts_with(EBML) && name.windows(4).any(|bytes| bytes == b"webm")
}

/// The first bytes of a stream.
pub(crate) struct FirstBytes(Arc<Mutex<Vec<u8>>>);

impl FirstBytes {
    /// The same stream, and its first bytes as far as they have been read.
    pub(crate) fn of(content: ByteStream) -> (Self, ByteStream) {
        let first = Arc::new(Mutex::new(Vec::new()));
        let seen = first.clone();
        let content = content.inspect_ok(move |bytes| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let wanted = usize::try_from(MediaType::BYTES_NEEDED).unwrap_or(usize::MAX) - seen.len();
            seen.extend_from_slice(bytes.get(..wanted).unwrap_or(bytes));
        });
        (Self(first), content.boxed())
    }

    /// Whether it is an image in a format that phones write and browsers do not display.
    pub(crate) fn are_of_heif(&self) -> bool {
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        IsoMedia::of(&first) == Some(IsoMedia::Heif)
    }
}

#[cfg(test)]
mod tests {
    use super::MediaType;

    #[test]
    fn only_harmless_types_are_inline() {
        for (start, name, disposition) in [
            (&b"\xFF\xD8\xFF\xE0\x00\x10JFIF"[..], "image/jpeg", "inline"),
            (b"\x89PNG\r\n\x1a\n", "image/png", "inline"),
            (b"GIF89a", "image/gif", "inline"),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "inline"),
            (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", "video/mp4", "inline"),
            (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime", "inline"),
            (b"\x00\x00\x00\x14ftypXAVC\x00\x00\x00\x00mp42", "video/mp4", "inline"),
            (b"\x00\x00\x00\x14ftypM4A \x00\x00\x00\x00isom", "audio/mp4", "inline"),
            (b"\x00\x00\x00\x14ftypheic\x00\x00\x00\x00mif1", "application/octet-stream", "attachment"),
            (b"\x00\x00\x00\x14ftypavif\x00\x00\x00\x00mif1", "application/octet-stream", "attachment"),
            (b"ID3\x03\x00\x00\x00", "audio/mpeg", "inline"),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm", "inline"),
            (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x13\x42\x82\x01\0\0\0\0\0\0\x04webm", "video/webm", "inline"),
            (b"\x1a\x45\xdf\xa3\x42\x82\x88matroska", "application/octet-stream", "attachment"),
            (b"OggS\x00\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead", "audio/ogg", "inline"),
            (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav", "inline"),
            (b"%PDF-1.7", "application/pdf", "inline"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", "application/octet-stream", "attachment"),
            (b"<!DOCTYPE html><script>alert(1)</script>", "application/octet-stream", "attachment"),
            (b"PK\x03\x04", "application/octet-stream", "attachment"),
            (b"", "application/octet-stream", "attachment"),
        ] {
            let media_type = MediaType::of(start);
            assert_eq!((media_type.name(), media_type.disposition()), (name, disposition), "{start:?}");
            let viewer = ["video/", "audio/", "application/pdf"].iter().any(|kind| name.starts_with(kind));
            assert_eq!(media_type.security_policy().contains("sandbox"), !viewer, "{start:?}");
            assert!(media_type.security_policy().contains("default-src 'none'"), "{start:?}");
        }
    }
}
