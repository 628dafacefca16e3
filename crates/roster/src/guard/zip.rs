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
/// What begins the directory's end in its large form (zip64), and what leads to it.
const LARGE_END: &[u8] = b"PK\x06\x06";
const LARGE_END_LOCATOR: &[u8] = b"PK\x06\x07";
/// Where the large end says how many entries there are, and how far that reaches.
const LARGE_END_COUNTS: [usize; 2] = [24, 32];
const LARGE_END_BYTES: usize = 40;
/// The most entries that it may say: as many as the small form can.
const LARGEST_COUNT: u64 = 0xffff;

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

/// Counts before the directory is read: each entry takes the library much more memory than the file,
/// and it makes room for as many as the directory's end says.
fn count_entries(file: &mut File) -> Result<(), Stop> {
    file.rewind().map_err(Stop::Io)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(Stop::Io)?;
    file.rewind().map_err(Stop::Io)?;
    let count = |signature: &[u8]| bytes.windows(signature.len()).filter(|found| *found == signature).count();
    let mut ends = bytes.windows(LARGE_END_BYTES).filter(|end| end.starts_with(LARGE_END));
    let says_many = ends.any(|end| LARGE_END_COUNTS.into_iter().any(|at| number_at(end, at) > LARGEST_COUNT));
    // The bytes of an end may be anywhere by chance, but hardly together with what leads to it.
    if count(DIRECTORY_ENTRY) > ENTRIES || (says_many && count(LARGE_END_LOCATOR) > 0) {
        return Err(RosterFault::TooLargeInside.into());
    }
    Ok(())
}

fn number_at(bytes: &[u8], at: usize) -> u64 {
    let bytes = bytes.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
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
