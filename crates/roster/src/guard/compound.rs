use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Seek as _, Write as _};

use cfb::CompoundFile;
use yilin_domain::roster::RosterFault;

use super::biff;
use crate::fault::{Stop, damaged};

/// The largest workbook in a compound file, in bytes.
const WORKBOOK: u64 = 24 << 20;

/// Takes the workbook out of a compound file, looks at it, and puts it alone into a new one, so that
/// nothing else of a hostile file is ever looked at.
pub(crate) fn check(file: File) -> Result<File, Stop> {
    let mut compound = CompoundFile::open(BufReader::new(file)).map_err(damaged)?;
    if compound.exists("/EncryptedPackage") {
        return Err(RosterFault::Encrypted.into());
    }
    let name = ["/Workbook", "/Book"].into_iter().find(|name| compound.is_stream(name));
    let name = name.ok_or(RosterFault::NotASpreadsheet)?;
    let stream = compound.open_stream(name).map_err(damaged)?;
    if stream.len() > WORKBOOK {
        return Err(RosterFault::TooLargeInside.into());
    }
    let mut workbook = Vec::new();
    stream.take(WORKBOOK).read_to_end(&mut workbook).map_err(damaged)?;
    biff::check(&workbook)?;
    rebuilt(name, &workbook).map_err(Stop::Io)
}

fn rebuilt(name: &str, workbook: &[u8]) -> std::io::Result<File> {
    let mut compound = CompoundFile::create(tempfile::tempfile()?)?;
    let mut stream = BufWriter::new(compound.create_stream(name)?);
    stream.write_all(workbook)?;
    stream.flush()?;
    drop(stream);
    // The library takes a file without any small stream for an empty one.
    compound.create_stream("/Small")?.write_all(b"small")?;
    compound.flush()?;
    let mut file = compound.into_inner();
    file.rewind()?;
    Ok(file)
}
