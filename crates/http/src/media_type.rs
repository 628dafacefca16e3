//! The type that a file's bytes show, and how a browser is to treat it.

/// A file's type, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MediaType {
    name: Option<&'static str>,
}

impl MediaType {
    /// How many bytes are looked at.
    pub(crate) const BYTES_NEEDED: u64 = 4096;

    /// A file that nothing is known of.
    pub(crate) const UNKNOWN: Self = Self { name: None };

    /// What a browser shows in a page. Everything else (HTML and SVG above all, which can run
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

    /// The type of a file that starts with these bytes.
    pub(crate) fn of(start: &[u8]) -> Self {
        let shown = infer::get(start).map(|kind| kind.mime_type());
        let known = |shown: &&str| Self::INLINE.contains(shown);
        Self { name: shown.filter(known).or_else(|| mp4_family(start)) }
    }

    /// The name for `Content-Type`.
    pub(crate) fn name(self) -> &'static str {
        match self.name {
            // The names that browsers expect.
            Some("audio/x-wav") => "audio/wav",
            Some("audio/x-flac") => "audio/flac",
            Some("audio/m4a") => "audio/mp4",
            Some(name) => name,
            None => "application/octet-stream",
        }
    }

    /// For `Content-Disposition`.
    pub(crate) fn disposition(self) -> &'static str {
        if self.name.is_some() { "inline" } else { "attachment" }
    }

    /// For `Content-Security-Policy`: a file may load nothing and run nothing. A sandbox would keep
    /// browsers' viewers of PDF, video and sound from showing it, and a video or sound that is opened
    /// by itself is loaded by the page that the browser makes around it.
    pub(crate) fn security_policy(self) -> &'static str {
        match self.name {
            Some("application/pdf") => "default-src 'none'",
            Some(name) if !name.starts_with("image/") => "default-src 'none'; media-src 'self'",
            _ => "sandbox; default-src 'none'",
        }
    }
}

/// MP4 files of brands that the library does not list: phones write several of their own.
fn mp4_family(start: &[u8]) -> Option<&'static str> {
    let brand = (start.get(4..8)? == b"ftyp").then(|| start.get(8..12))??;
    match brand {
        b"qt  " => Some("video/quicktime"),
        b"isom" | b"iso2" | b"iso4" | b"iso5" | b"iso6" | b"mp41" | b"mp42" | b"avc1" | b"mp71" | b"3gp4"
        | b"3gp5" | b"MSNV" | b"dash" | b"M4V " => Some("video/mp4"),
        b"M4A " | b"M4B " => Some("audio/m4a"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::MediaType;

    #[test]
    fn only_what_the_bytes_show_to_be_harmless_is_shown() {
        for (start, name, disposition) in [
            (&b"\xFF\xD8\xFF\xE0\x00\x10JFIF"[..], "image/jpeg", "inline"),
            (b"\x89PNG\r\n\x1a\n", "image/png", "inline"),
            (b"GIF89a", "image/gif", "inline"),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "inline"),
            (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", "video/mp4", "inline"),
            (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime", "inline"),
            (b"ID3\x03\x00\x00\x00", "audio/mpeg", "inline"),
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
