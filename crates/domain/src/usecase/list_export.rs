//! Lists that are written as files while they are read.

use super::Context;
use crate::error::Error;
use crate::list::Batches;
use crate::port::{ListFormat, ListHead, ListWriter};

/// A list to be written as a file. What a row says is up to whoever shows it.
pub struct ListExport<T> {
    /// The records.
    pub batches: Batches<T>,
    /// Writes their rows.
    pub writer: Box<dyn ListWriter>,
}

impl<T> ListExport<T> {
    pub(super) fn begin(
        context: &Context,
        batches: Batches<T>,
        format: ListFormat,
        head: ListHead,
    ) -> Result<Self, Error> {
        let writer = context.ports.workbooks.begin_list(format, head)?;
        Ok(Self { batches, writer })
    }
}
