use std::fs::File;
use std::io::{BufReader, Read, Seek as _};

use yilin_domain::roster::RosterFault;
use zip::ZipArchive;
use zip::result::ZipError;

use super::markup::Markup;
use crate::fault::{Stop, damaged};

/// The most files in an archive; a workbook has a few dozen.
const ENTRIES: usize = 2000;
/// The most bytes of all files together, unpacked.
const TOTAL: u64 = 256 << 20;
/// The most bytes of a file that a library may read as a whole, unpacked.
const PART: u64 = 32 << 20;
/// What begins each file's entry in the archive's directory.
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";

/// Unpacks everything once, without keeping it: what an archive says about its own sizes need not be
/// true.
pub(crate) fn check(file: &mut File) -> Result<(), Stop> {
    count_entries(file)?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    let is_workbook = archive.index_for_name("xl/workbook.xml").is_some();
    if !is_workbook {
        return Err(RosterFault::NotASpreadsheet.into());
    }
    let mut left = TOTAL;
    for index in 0..archive.len() {
        let entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(RosterFault::Encrypted.into());
            }
            Err(error) => return Err(damaged(error)),
        };
        let is_sheet = entry.name().map_err(damaged)?.to_ascii_lowercase().starts_with("xl/worksheets/");
        left -= unpack(entry, if is_sheet { left } else { left.min(PART) })?;
    }
    Ok(())
}

/// Counts before the directory is read: each entry takes the library much more memory than the file.
fn count_entries(file: &mut File) -> Result<(), Stop> {
    file.rewind().map_err(Stop::Io)?;
    let (mut found, mut matched) = (0, 0);
    for byte in BufReader::with_capacity(1 << 16, &mut *file).bytes() {
        let byte = byte.map_err(Stop::Io)?;
        matched =
            if DIRECTORY_ENTRY.get(matched) == Some(&byte) { matched + 1 } else { usize::from(byte == b'P') };
        if matched == DIRECTORY_ENTRY.len() {
            (found, matched) = (found + 1, 0);
        }
    }
    file.rewind().map_err(Stop::Io)?;
    if found > ENTRIES { Err(RosterFault::TooLargeInside.into()) } else { Ok(()) }
}

/// Unpacks a file of at most `limit` bytes; gives how many it had.
fn unpack(entry: impl Read, limit: u64) -> Result<u64, Stop> {
    let mut markup = Markup::default();
    let mut content = entry.take(limit.saturating_add(1));
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = content.read(&mut buffer).map_err(damaged)?;
        if read == 0 {
            return Ok(size);
        }
        size += u64::try_from(read).unwrap_or(u64::MAX);
        if size > limit {
            return Err(RosterFault::TooLargeInside.into());
        }
        markup.look(buffer.get(..read).unwrap_or_default())?;
    }
}
