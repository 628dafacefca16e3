//! The storage on its databases: port contracts and failures.

mod audit;
mod clocks;
mod contract_mariadb;
mod contract_sqlite;
mod explain;
mod failure;
mod lost_commits;
mod prepared;
mod schema;
mod server_settings;
mod support;
mod totals;
mod transfer;
mod upkeep;
mod visit_lists;
