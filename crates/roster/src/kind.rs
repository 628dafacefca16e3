//! File type detection by content.

use std::fs::File;
use std::io::{Read as _, Seek as _};

use yilin_domain::roster::{OtherKind, RosterFault};

use crate::fault::Stop;
use crate::ods;
use crate::package::Package;

/// Number of leading bytes examined.
const START: u64 = 4096;

/// The kind of a file, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A zip archive, as `.xlsx` and `.ods` are.
    Zip,
    /// A compound file, as `.xls` is, and an encrypted `.xlsx`.
    Compound,
    /// Possibly text.
    Text,
}

/// Signatures of other file types.
const STARTS: [(&[u8], OtherKind); 17] = [
    (b"%PDF", OtherKind::Document),
    (b"{\\rtf", OtherKind::Document),
    (b"\x89PNG", OtherKind::Picture),
    (b"\xff\xd8\xff", OtherKind::Picture),
    (b"GIF8", OtherKind::Picture),
    (b"BM\x00", OtherKind::Picture),
    (b"II*\x00", OtherKind::Picture),
    (b"MM\x00*", OtherKind::Picture),
    (b"Rar!", OtherKind::Archive),
    (b"7z\xbc\xaf", OtherKind::Archive),
    (b"\x1f\x8b", OtherKind::Archive),
    (b"MIME-Version:", OtherKind::WebPage),
    // Workbooks before Excel 5, which had no container.
    (b"\x09\x00\x04\x00", OtherKind::OldWorkbook),
    (b"\x09\x00\x06\x00", OtherKind::OldWorkbook),
    (b"\x09\x02\x06\x00", OtherKind::OldWorkbook),
    (b"\x09\x04\x06\x00", OtherKind::OldWorkbook),
    (b"\x09\x08\x08\x00", OtherKind::OldWorkbook),
];

impl Kind {
    pub(crate) fn of(file: &mut File) -> Result<Self, Stop> {
        let mut start = Vec::new();
        file.rewind().map_err(Stop::Io)?;
        file.by_ref().take(START).read_to_end(&mut start).map_err(Stop::Io)?;
        file.rewind().map_err(Stop::Io)?;
        if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
            return Ok(Self::Zip);
        }
        if start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
            return Ok(Self::Compound);
        }
        match other_kind(&start) {
            Some(fault) => Err(fault.into()),
            None => Ok(Self::Text),
        }
    }
}

fn other_kind(start: &[u8]) -> Option<RosterFault> {
    if let Some((_, kind)) = STARTS.iter().find(|(known, _)| start.starts_with(known)) {
        return Some(RosterFault::OtherKind(*kind));
    }
    let text = match encoding_rs::Encoding::for_bom(start) {
        Some((encoding, _)) => encoding.decode(start).0.into_owned(),
        None => String::from_utf8_lossy(start).into_owned(),
    };
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_ascii_lowercase();
    if !text.starts_with('<') {
        return None;
    }
    let is_xml = text.starts_with("<?xml");
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    Some(if has(&["urn:schemas-microsoft-com:office:spreadsheet", "<workbook", "<ss:workbook"]) && is_xml {
        RosterFault::OtherKind(OtherKind::Xml2003)
    } else if !is_xml || has(&["<html", "<!doctype html", "<table"]) {
        RosterFault::OtherKind(OtherKind::WebPage)
    } else {
        RosterFault::NotASpreadsheet
    })
}

/// A workbook inside an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workbook {
    Xlsx,
    Ods,
}

impl Workbook {
    pub(crate) fn of(package: &mut Package) -> Result<Self, RosterFault> {
        match ods::is_spreadsheet(package) {
            Some(true) => return Ok(Self::Ods),
            Some(false) => return Err(RosterFault::OtherKind(OtherKind::Document)),
            None => {}
        }
        let has = |start: &str| package.names().any(|name| name.starts_with(start));
        let kind = if package.has("xl/workbook.bin") {
            OtherKind::BinaryWorkbook
        } else if has("word/") || has("ppt/") {
            OtherKind::Document
        } else if package.has("_rels/.rels") || package.has("xl/workbook.xml") {
            return Ok(Self::Xlsx);
        } else {
            OtherKind::Archive
        };
        Err(RosterFault::OtherKind(kind))
    }
}
