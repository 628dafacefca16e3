//! A ZIP that is sent while it is written.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use actix_web::web::Bytes;
use futures_channel::mpsc;
use futures_util::SinkExt as _;
use yilin_web::error::ApiError;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

/// How much is written before it is sent, in bytes.
const PIECE: usize = 32 * 1024;

/// A ZIP whose bytes go to a channel. Memory holds one piece, and a line per file for the directory at the end.
pub(super) struct Archive {
    zip: ZipWriter<StreamWriter<Written>>,
    written: Written,
    sender: mpsc::Sender<Bytes>,
}

impl Archive {
    pub(super) fn new(sender: mpsc::Sender<Bytes>) -> Self {
        let written = Written::default();
        Self { zip: ZipWriter::new_stream(written.clone()), written, sender }
    }

    /// Begins a file of text, which is compressed.
    pub(super) fn begin_text(&mut self, name: &str) -> Result<(), ApiError> {
        self.begin(name, CompressionMethod::Deflated)
    }

    /// Begins a file whose bytes are kept as they are: pictures and films are compressed already.
    pub(super) fn begin_file(&mut self, name: &str) -> Result<(), ApiError> {
        self.begin(name, CompressionMethod::Stored)
    }

    fn begin(&mut self, name: &str, method: CompressionMethod) -> Result<(), ApiError> {
        // Nobody knows how large it will be.
        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
        self.zip.start_file(name, options).map_err(ApiError::internal)
    }

    /// Adds bytes to the file that was begun last.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        for piece in bytes.chunks(PIECE) {
            self.zip.write_all(piece).map_err(ApiError::internal)?;
            send(&self.written, &mut self.sender, PIECE).await?;
        }
        Ok(())
    }

    /// Ends the ZIP.
    pub(super) async fn finish(self) -> Result<(), ApiError> {
        let Self { zip, written, mut sender } = self;
        zip.finish().map_err(ApiError::internal)?;
        send(&written, &mut sender, 1).await
    }
}

/// Sends what was written, if it is enough; waits until the client has taken what came before.
async fn send(written: &Written, sender: &mut mpsc::Sender<Bytes>, at_least: usize) -> Result<(), ApiError> {
    let bytes = written.take(at_least);
    if bytes.is_empty() {
        return Ok(());
    }
    sender.send(bytes.into()).await.map_err(ApiError::internal)
}

/// What the ZIP's writer has written and nobody has taken yet.
#[derive(Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Written {
    /// Takes all of it, if it is enough.
    fn take(&self, at_least: usize) -> Vec<u8> {
        let mut bytes = self.0.borrow_mut();
        if bytes.len() < at_least { Vec::new() } else { std::mem::take(&mut *bytes) }
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
