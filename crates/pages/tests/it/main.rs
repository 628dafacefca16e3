//! The console from a browser's point of view, without JavaScript: over fakes, SQLite and MariaDB.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests panic on failure, with the reason"
)]

mod access;
mod addresses;
mod at_once;
mod audit;
mod browser;
mod day;
mod drug_orders;
mod events;
mod exports;
mod forms;
mod gate;
mod hand_over;
mod headers;
mod imports;
mod languages;
mod log_in;
mod outages;
mod people;
mod people_new;
mod people_steps;
mod service;
mod sessions;
mod texts;
mod two_people;
mod world;
