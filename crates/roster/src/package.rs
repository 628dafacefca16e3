//! Zip archives that contain the parts of a workbook.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::rc::Rc;

use yilin_domain::roster::RosterFault;
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use crate::fault::{Stop, damaged};
use crate::xml::Xml;

/// Maximum number of files in an archive; a workbook has a few dozen.
const ENTRIES: usize = 2000;
/// Maximum number of bytes unpacked in total. The sizes that an archive declares are not trusted.
const TOTAL: u64 = 400 << 20;
/// Signature of an entry in the central directory.
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";
/// Signature of the zip64 end of central directory, and of its locator.
const LARGE_END: &[u8] = b"PK\x06\x06";
const LARGE_END_LOCATOR: &[u8] = b"PK\x06\x07";
/// Offsets of the entry counts in the zip64 end record, and the end of the second.
const LARGE_END_COUNTS: [usize; 2] = [24, 32];
const LARGE_END_BYTES: usize = 40;
/// Maximum declared number of entries: the largest that fits the 32-bit format.
const LARGEST_COUNT: u64 = 0xffff;

/// An open archive.
pub(crate) struct Package {
    archive: ZipArchive<BufReader<File>>,
    /// Index of each file. Names are case-insensitive, and some writers separate folders with backslashes.
    places: HashMap<String, usize>,
    left: Rc<Cell<u64>>,
}

impl Package {
    pub(crate) fn open(mut file: File) -> Result<Self, Stop> {
        count_entries(&mut file)?;
        let archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
        let names = (0..archive.len())
            .filter_map(|place| Some((plain(&archive.name_for_index(place)?.ok()?), place)));
        let places = names.collect();
        Ok(Self { archive, places, left: Rc::new(Cell::new(TOTAL)) })
    }

    /// File names in lower case.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.places.contains_key(&plain(name))
    }

    /// A file parsed as XML; `None` if there is no file with this name.
    pub(crate) fn xml(&mut self, name: &str) -> Result<Option<Xml<ZipFile<'_, BufReader<File>>>>, Stop> {
        let Some(place) = self.places.get(&plain(name)) else { return Ok(None) };
        match self.archive.by_index(*place) {
            Ok(file) => Ok(Some(Xml::new(file, self.left.clone()))),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                Err(RosterFault::Encrypted.into())
            }
            Err(error) => Err(damaged(error)),
        }
    }

    /// The first `limit` bytes of a file.
    pub(crate) fn beginning(&mut self, name: &str, limit: u64) -> Option<Vec<u8>> {
        let file = self.archive.by_index(*self.places.get(&plain(name))?).ok()?;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

fn plain(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// Counts the entries before the directory is parsed: the library needs far more memory per entry than the
/// file, and allocates for the declared count.
fn count_entries(file: &mut File) -> Result<(), Stop> {
    file.rewind().map_err(Stop::Io)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(Stop::Io)?;
    file.rewind().map_err(Stop::Io)?;
    let count = |signature: &[u8]| bytes.windows(signature.len()).filter(|found| *found == signature).count();
    let mut ends = bytes.windows(LARGE_END_BYTES).filter(|end| end.starts_with(LARGE_END));
    let says_many = ends.any(|end| LARGE_END_COUNTS.into_iter().any(|at| number_at(end, at) > LARGEST_COUNT));
    // The signature of an end record may occur by chance, but hardly together with its locator.
    if count(DIRECTORY_ENTRY) > ENTRIES || (says_many && count(LARGE_END_LOCATOR) > 0) {
        return Err(RosterFault::TooLargeInside.into());
    }
    Ok(())
}

fn number_at(bytes: &[u8], at: usize) -> u64 {
    let bytes = bytes.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
