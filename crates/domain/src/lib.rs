//! The rules of Yilin: values, state machines, use cases and the ports they need.
//!
//! A person who wants to know what the service allows reads this crate alone. It does no I/O
//! and knows neither HTTP nor SQL nor an async runtime; what it needs from the world it asks
//! for through the traits in [`port`], which the adapter crates implement.
//!
//! * Values ([`account::PhoneNumber`], [`file::FileReference`], [`time::AppointmentTime`] …)
//!   are parsed, never merely validated: one that exists is valid.
//! * State machines ([`inquiry::Inquiry`], [`drug_order::DrugOrder`]) move by methods that take
//!   `self`; an illegal move is an [`error::IllegalStep`] that names the missing step.
//! * Use cases ([`usecase`]) check who may do what, decide on the value that was read, and save
//!   it by compare-and-swap.

pub mod account;
pub mod audit;
pub mod chat;
pub mod drug_order;
pub mod enumeration;
pub mod error;
pub mod file;
pub mod id;
pub mod inquiry;
pub mod list;
pub mod medical_record;
pub mod port;
pub mod roster;
pub mod session;
mod text;
pub mod time;
pub mod transition;
pub mod usecase;
pub mod validation;
