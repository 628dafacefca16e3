//! What is looked at before a library opens a file.

mod biff;
pub(crate) mod compound;
pub(crate) mod markup;
pub(crate) mod zip;
