//! Everything that people wait for, over HTTP: against the same statements through the raw driver and requests that do
//! nothing, and in a large hospital against a small one.
//!
//! The data is made here by bulk inserts, on a private MariaDB with durable commits and in the embedded database; the
//! service is the real binary.

mod caller;
mod changes;
mod content;
mod deep;
mod dice;
mod fill;
mod house;
mod lists;
mod names;
mod people;
mod plan;
mod rates;
mod requests;
mod row;
mod scene;
mod single;
mod statements;
mod table;
#[cfg(test)]
mod tests;
mod wire;

use std::path::Path;
use std::time::Duration;

use tokio::runtime::Runtime;
use yilin_testkit::mariadb::Server;

use crate::Outcome;
use crate::process::idle_kib;
use house::House;
use rates::{Method, Pair};
use row::Row;

/// Overrides of the private server's settings: room for the data, and commits that survive a crash of the machine.
const DURABLE: &[&str] = &[
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-flush-method=O_DIRECT",
    "--innodb-buffer-pool-size=2G",
    "--innodb-log-file-size=1G",
];

/// Options of these measurements.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Measure only requests over HTTP.
    #[arg(long)]
    pub(crate) http: bool,
    /// With --http: only this row; may be repeated.
    #[arg(long, value_name = "ROW")]
    only: Vec<Row>,
    /// With --http: number of rounds; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// With --http: number of inquiries of the small hospital.
    #[arg(long, default_value_t = 3_000)]
    small: u64,
    /// With --http: reach MariaDB over TCP instead of through its socket file.
    #[arg(long)]
    tcp: bool,
    /// With --http: only on this kind of database.
    #[arg(long)]
    database: Option<Kind>,
}

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// MariaDB.
    Mariadb,
    /// SQLite.
    Sqlite,
}

/// The size of what is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Number of inquiries of the large hospital.
    pub(crate) inquiries: u64,
    /// Number of clients.
    pub(crate) clients: usize,
    /// How long each side has in a round.
    pub(crate) lasting: Duration,
    /// Size of the files, in MiB.
    pub(crate) file_mib: u64,
}

/// Measures the rows, and prints their tables.
pub(crate) fn measure(options: &Options, size: Size, binary: &Path) -> Outcome<()> {
    let rows = if options.only.is_empty() { Row::all() } else { &options.only };
    let method = Method { rounds: options.rounds.max(1), lasting: size.lasting, clients: size.clients };
    let run = Run { rows, method, size, small: options.small, binary, runtime: &Runtime::new()? };
    let is_wanted = |kind| options.database.is_none_or(|only| only == kind);
    if is_wanted(Kind::Mariadb) {
        let server = run.runtime.block_on(Server::start_with(DURABLE));
        let database = || {
            let url = run.runtime.block_on(server.database());
            let over_socket = if options.tcp { None } else { server.over_socket(&url) };
            over_socket.or(Some(url))
        };
        let [large, small] = [database(), database()];
        run.on("MariaDB", large, small, table::head_with_limit)?;
    }
    if is_wanted(Kind::Sqlite) {
        run.on("SQLite", None, None, table::head)?;
    }
    run.of_binary()
}

struct Run<'a> {
    rows: &'a [Row],
    method: Method,
    size: Size,
    small: u64,
    binary: &'a Path,
    runtime: &'a Runtime,
}

impl Run<'_> {
    /// The rows on one kind of database.
    fn on(&self, name: &str, large: Option<String>, small: Option<String>, head: fn()) -> Outcome<()> {
        let has = |row| self.rows.contains(&row);
        if !self.rows.iter().any(|row| row.is_rate()) && !has(Row::Memory) && !has(Row::CompleteList) {
            return Ok(());
        }
        let pair = Pair {
            small: House::open(self.binary, small, self.small, self.runtime)?,
            large: House::open(self.binary, large, self.size.inquiries, self.runtime)?,
        };
        let Method { rounds, lasting, .. } = self.method;
        let inquiries = self.size.inquiries;
        println!("\n{name}, {inquiries} inquiries against {}, {rounds} rounds of {lasting:?}\n", self.small);
        let idle = if has(Row::Memory) { idle_kib(&pair.large.service)? } else { 0 };
        let complete_list =
            has(Row::CompleteList).then(|| single::complete_list(&pair.large, self.runtime)).transpose()?;
        head();
        for row in self.rows.iter().copied().filter(|row| row.is_rate()) {
            let rates = pair.measure(row, self.method, self.runtime)?;
            table::row(row, pair.clients(row, self.method), &rates);
        }
        println!();
        if let Some(text) = complete_list {
            println!("* {}: {text}", Row::CompleteList.title());
        }
        if has(Row::Memory) {
            println!("* {}: {}", Row::Memory.title(), single::memory(&pair.large, idle)?);
        }
        Ok(())
    }

    /// What does not depend on the database.
    fn of_binary(&self) -> Outcome<()> {
        if self.rows.contains(&Row::Binary) {
            println!("* {}: {}", Row::Binary.title(), single::binary(self.binary)?);
        }
        if self.rows.contains(&Row::Files) {
            single::transfers(self.binary, self.size.file_mib)?;
        }
        Ok(())
    }
}
