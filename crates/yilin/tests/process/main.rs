//! The binary as people run it: a process of its own, spoken to over HTTP and by signals.

mod commands;
mod instance;
mod instances;
mod outside;
mod serving;
