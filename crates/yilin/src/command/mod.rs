//! The commands of the binary.

mod demo;
mod expire_audit;
mod import;
mod openapi;
mod push_files;
mod reset_password;
mod serve;
mod sessions;
mod verify_audit;
mod webhooks;

pub(crate) use demo::demo;
pub(crate) use expire_audit::expire_audit;
pub(crate) use import::{ImportArguments, import};
pub(crate) use openapi::openapi;
pub(crate) use push_files::push_files;
pub(crate) use reset_password::reset_password;
pub(crate) use serve::serve;
pub(crate) use sessions::{end_sessions, list_sessions, parse_account, parse_selection};
pub(crate) use verify_audit::verify_audit;
pub(crate) use webhooks::{EventSelection, list_webhooks, parse_event, retry_webhooks};
