//! The binary as a separate process, tested over HTTP and with signals.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests panic on failure")]

mod assistant;
mod audit;
mod backups;
mod browser;
mod commands;
mod documents;
mod events;
mod examined;
mod files;
mod imports;
mod instance;
mod instances;
mod large_files;
mod log;
mod nginx;
mod outside;
mod proxy;
mod repeats;
mod same_set;
mod serving;
mod stopping;
mod supervised;
mod torture;
mod trouble;
