//! The binary as a separate process, tested over HTTP and with signals.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests panic on failure")]

mod assistant;
mod audit;
mod commands;
mod events;
mod files;
mod imports;
mod instance;
mod instances;
mod large_files;
mod log;
mod nginx;
mod outside;
mod repeats;
mod same_set;
mod serving;
mod torture;
mod trouble;
