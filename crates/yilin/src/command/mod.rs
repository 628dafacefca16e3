//! The commands.

mod demo;
mod openapi;
mod push_files;
mod reset_admin;
mod serve;
mod verify_audit;

pub(crate) use demo::demo;
pub(crate) use openapi::openapi;
pub(crate) use push_files::push_files;
pub(crate) use reset_admin::reset_admin;
pub(crate) use serve::serve;
pub(crate) use verify_audit::verify_audit;
