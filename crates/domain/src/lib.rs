//! The rules of Yilin: values, state machines, use cases and the ports they need.
//!
//! This crate alone defines what the service allows. It does no I/O and knows neither HTTP nor SQL nor an
//! async runtime; anything external is accessed through the traits in [`port`], which the adapter crates
//! implement.
//!
//! * Values ([`account::PhoneNumber`], [`file::FileReference`], [`time::AppointmentTime`] …) are parsed, not
//!   merely validated: a value that exists is valid.
//! * State machines ([`inquiry::Inquiry`], [`drug_order::DrugOrder`]) have transition methods that take
//!   `self`; an illegal transition is an [`error::IllegalStep`] that names the missing step.
//! * Use cases ([`usecase`]) authorize the caller, decide on the value that was read, and save it by
//!   compare-and-swap.

pub mod account;
pub mod audit;
pub mod chat;
pub mod drug_order;
pub mod enumeration;
pub mod error;
pub mod event;
pub mod file;
pub mod id;
pub mod idempotency;
pub mod inquiry;
pub mod json;
pub mod list;
pub mod medical_record;
pub mod port;
pub mod reason;
pub mod roster;
pub mod session;
mod text;
pub mod time;
pub mod transition;
pub mod usecase;
pub mod validation;
pub mod webhook;
