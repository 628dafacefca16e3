//! The storage on its databases: what every port promises, and what else can go wrong there.

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
mod upkeep;
