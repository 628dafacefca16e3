//! The storage on its databases: what every port promises, and what else can go wrong there.

mod audit;
mod contract_mariadb;
mod contract_sqlite;
mod explain;
mod failure;
mod prepared;
mod schema;
mod support;
mod totals;
mod upkeep;
