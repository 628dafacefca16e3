//! Every use case over the fakes: roles, errors, stored results, port failures and lost races.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests panic on failure, with the reason"
)]

mod accounts;
mod audit;
mod chat;
mod consultations;
mod drug_orders;
mod events;
mod files;
mod hand_over;
mod held_imports;
mod inquiries;
mod lists;
mod new_accounts;
mod outages;
mod overview;
mod passwords;
mod people;
mod races;
mod rights;
mod roster_import;
mod service_state;
mod sessions;
mod setup;
mod standing;
mod statistics;
mod summaries;
mod support;
mod test_data;
mod visit_lists;
mod visits;
mod webhooks;
