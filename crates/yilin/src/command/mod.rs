//! The commands.

mod demo;
mod import;
mod openapi;
mod push_files;
mod reset_admin;
mod serve;

pub(crate) use demo::demo;
pub(crate) use import::{ImportArguments, import};
pub(crate) use openapi::openapi;
pub(crate) use push_files::push_files;
pub(crate) use reset_admin::reset_admin;
pub(crate) use serve::serve;
