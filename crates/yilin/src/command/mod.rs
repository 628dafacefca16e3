//! The commands of the binary.

mod backup;
mod completions;
mod config;
mod demo;
mod doctor;
mod expire_audit;
mod heads;
mod import;
mod migrate;
mod move_database;
mod openapi;
mod push_files;
mod reset_password;
mod restore;
mod serve;
mod sessions;
mod verify_audit;
mod webhooks;

pub(crate) use backup::{BackupArguments, backup};
pub(crate) use completions::completions;
pub(crate) use config::config;
pub(crate) use demo::demo;
pub(crate) use doctor::{DoctorArguments, doctor};
pub(crate) use expire_audit::expire_audit;
pub(crate) use heads::{HeadsArguments, HeadsError, keep_heads};
pub(crate) use import::{ImportArguments, import};
pub(crate) use migrate::migrate;
pub(crate) use move_database::{MoveError, move_database};
pub(crate) use openapi::openapi;
pub(crate) use push_files::push_files;
pub(crate) use reset_password::reset_password;
pub(crate) use restore::{RestoreArguments, restore};
pub(crate) use serve::serve;
pub(crate) use sessions::{end_sessions, list_sessions, parse_account, parse_selection};
pub(crate) use verify_audit::verify_audit;
pub(crate) use webhooks::{EventSelection, list_webhooks, parse_event, retry_webhooks};
