use std::fs::File;
use std::io::{Read as _, Seek as _};

use crate::fault::Stop;

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A zip archive, as `.xlsx` is.
    Zip,
    /// A compound file, as `.xls` is, and an encrypted `.xlsx`.
    Compound,
    /// Perhaps text.
    Other,
}

impl Kind {
    pub(crate) fn of(file: &mut File) -> Result<Self, Stop> {
        let mut start = Vec::new();
        file.rewind().map_err(Stop::Io)?;
        file.by_ref().take(8).read_to_end(&mut start).map_err(Stop::Io)?;
        file.rewind().map_err(Stop::Io)?;
        Ok(if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
            Self::Zip
        } else if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" {
            Self::Compound
        } else {
            Self::Other
        })
    }
}
