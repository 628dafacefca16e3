//! The commands.

mod demo;
mod import;
mod openapi;
mod reset_admin;
mod serve;

pub(crate) use demo::demo;
pub(crate) use import::{ImportArguments, import};
pub(crate) use openapi::openapi;
pub(crate) use reset_admin::reset_admin;
pub(crate) use serve::serve;
