//! The commands.

mod demo;
mod import;
mod openapi;
mod push_files;
mod reindex_audit;
mod reset_password;
mod serve;
mod sessions;
mod verify_audit;

pub(crate) use demo::demo;
pub(crate) use import::{ImportArguments, import};
pub(crate) use openapi::openapi;
pub(crate) use push_files::push_files;
pub(crate) use reindex_audit::reindex_audit;
pub(crate) use reset_password::reset_password;
pub(crate) use serve::serve;
pub(crate) use sessions::{end_sessions, list_sessions, parse_account, parse_selection};
pub(crate) use verify_audit::verify_audit;
