//! Measures the storage port against the raw driver on the same statements in one run, so that the ratio is
//! comparable across machines; start-up time of the binary; latency added to a streamed answer; large files;
//! the cost of the audit log; and everything that people wait for over HTTP, in a large hospital.
//!
//! `just bench --help`. The raw side only sends the statements and reads the rows into the driver's own
//! values. There is no raw side for SQLite.

mod audit;
mod audit_search;
mod backup;
mod chat;
mod console;
mod events;
mod files;
mod hospital;
mod http;
mod load;
mod many;
mod process;
mod raw;
mod roster;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::fakes::FakeRandom;
use yilin_testkit::mariadb::Server;

use hospital::{Hospital, ZONE};
use load::{Load, Rate};
use raw::Raw;

/// Any error ends the benchmark.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(clap::Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a command line flag")]
struct Arguments {
    /// Number of inquiries; 10,000 by default, 300,000 with --http.
    #[arg(long)]
    inquiries: Option<u32>,
    /// Number of rows in the imported roster; 0 skips it.
    #[arg(long, default_value_t = 50_000)]
    roster: usize,
    /// Measure only the roster import.
    #[arg(long)]
    only_roster: bool,
    /// Number of concurrent clients.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// Duration of each measurement in seconds; 5 by default, 1 with --http.
    #[arg(long)]
    seconds: Option<u64>,
    /// MySQL URL of an empty database; a private MariaDB is started by default.
    #[arg(long)]
    mysql: Option<String>,
    /// Size of the files uploaded and downloaded, in MiB.
    #[arg(long, default_value_t = 1024)]
    file_mib: u64,
    /// RPC URL of the Kubo node that stores the files; the data folder by default.
    #[arg(long)]
    ipfs_api: Option<String>,
    /// Skip the database: measure start, chat and files.
    #[arg(long)]
    without_database: bool,
    /// Measure only the cost of the audit log.
    #[arg(long)]
    only_audit: bool,
    /// Measure only searches of a long audit log.
    #[arg(long)]
    only_audit_search: bool,
    /// Number of entries in that log.
    #[arg(long, default_value_t = 1_000_000)]
    audit_entries: u32,
    /// Measure only the lists of the console.
    #[arg(long)]
    only_console: bool,
    /// Number of people in them.
    #[arg(long, default_value_t = 20_000)]
    people: usize,
    /// Measure only events.
    #[arg(long)]
    only_events: bool,
    /// Measure only backups, while people work.
    #[arg(long)]
    only_backup: bool,
    /// Number of complete visits to back up.
    #[arg(long, default_value_t = 100_000)]
    backup_visits: u32,
    /// Number of files of 1 MiB to back up.
    #[arg(long, default_value_t = 5120)]
    backup_files: u64,
    /// The binary for start, chat and files: `cargo build --release -p yilin`.
    #[arg(long, default_value = "target/release/yilin")]
    binary: PathBuf,
    #[command(flatten)]
    over_http: http::Options,
}

impl Arguments {
    fn inquiries(&self) -> u32 {
        self.inquiries.unwrap_or(if self.over_http.http { 300_000 } else { 10_000 })
    }

    fn lasting(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(if self.over_http.http { 1 } else { 5 }))
    }
}

fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    if arguments.over_http.http {
        let size = http::Size {
            inquiries: arguments.inquiries().into(),
            clients: arguments.clients,
            lasting: arguments.lasting(),
            file_mib: arguments.file_mib,
        };
        return http::measure(&arguments.over_http, size, &arguments.binary);
    }
    if arguments.only_audit {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(audit_log(&arguments));
    }
    if arguments.only_audit_search {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(audit_searches(&arguments));
    }
    if arguments.only_backup {
        return backups(&arguments);
    }
    if arguments.only_console {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(console::measure(arguments.inquiries(), arguments.people));
    }
    if arguments.only_events {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let url = runtime.block_on(events(&arguments))?;
        events::measure(&arguments.binary, "MariaDB", Some(&url))?;
        return events::measure(&arguments.binary, "SQLite", None);
    }
    if !arguments.only_roster {
        binary(&arguments)?;
    }
    if arguments.without_database {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if !arguments.only_roster {
            sqlite(&arguments).await?;
            mysql(&arguments).await?;
            audit_log(&arguments).await?;
        }
        if arguments.roster > 0 {
            let url = Server::shared().await.database().await;
            let storage = Storage::open(&StorageOptions::new(&*url), Arc::new(FakeRandom::new(7)), ZONE)?;
            storage.migrate().await?;
            roster::measure(&storage, &url, arguments.roster).await?;
        }
        Ok(())
    })
}

/// The cost of events; returns the URL of another empty database.
async fn events(arguments: &Arguments) -> Outcome<String> {
    let load = load(arguments);
    let url = Server::shared().await.database().await;
    let (storage, hospital) = fill("MariaDB", &StorageOptions::new(&*url), arguments).await?;
    events::cost("MariaDB", &storage, &hospital, &load).await?;
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let (storage, hospital) = fill("SQLite", &StorageOptions::new(url), arguments).await?;
    events::cost("SQLite", &storage, &hospital, &load).await?;
    Ok(Server::shared().await.database().await)
}

/// Backups on both kinds of database.
fn backups(arguments: &Arguments) -> Outcome<()> {
    let before = arguments.lasting();
    let size = backup::Size { visits: arguments.backup_visits, files: arguments.backup_files, before };
    let binary = std::fs::canonicalize(&arguments.binary)?;
    backup::measure(&binary, backup::Databases { name: "SQLite", small: None, large: None }, size)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let server = runtime.block_on(Server::shared());
    let [small, large] = [(); 2].map(|()| runtime.block_on(server.database()));
    let databases = backup::Databases { name: "MariaDB", small: Some(&small), large: Some(&large) };
    backup::measure(&binary, databases, size)
}

async fn audit_log(arguments: &Arguments) -> Outcome<()> {
    let url = Server::shared().await.database().await;
    // As many connections as the service uses by default, with an equal and with a larger number of clients.
    let (storage, hospital) = fill("MariaDB", &StorageOptions::new(&*url), arguments).await?;
    let lasting = arguments.lasting();
    let loads = [1, 2, 4].map(|times| Load { clients: times * arguments.clients, lasting });
    audit::measure(&storage, &hospital, &loads).await
}

async fn audit_searches(arguments: &Arguments) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite:{}", folder.path().join("bench.db").display());
    for (name, url) in [("MariaDB", Server::shared().await.database().await), ("SQLite", sqlite)] {
        let storage = Storage::open(&StorageOptions::new(url), Arc::new(FakeRandom::new(7)), ZONE)?;
        storage.migrate().await?;
        audit_search::measure(name, &storage, arguments.audit_entries).await?;
    }
    Ok(())
}

fn binary(arguments: &Arguments) -> Outcome<()> {
    if !arguments.binary.is_file() {
        println!("{} does not exist (cargo build --release -p yilin)", arguments.binary.display());
        return Ok(());
    }
    process::measure(&arguments.binary)?;
    chat::measure(&arguments.binary)?;
    files::measure(&arguments.binary, arguments.file_mib, arguments.ipfs_api.as_deref())
}

async fn sqlite(arguments: &Arguments) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let (_, hospital) = fill("SQLite", &StorageOptions::new(url), arguments).await?;
    let load = load(arguments);
    println!("  point read     {}", hospital.point_reads(&load).await?);
    println!("  page of ten    {}", hospital.pages(&load).await?);
    println!("  transition     {}", hospital.transitions(&load).await?);
    println!("  complete list  {} (rows)", hospital.complete_list(&load).await?);
    Ok(())
}

async fn mysql(arguments: &Arguments) -> Outcome<()> {
    let url = match &arguments.mysql {
        Some(url) => url.clone(),
        None => Server::shared().await.database().await,
    };
    let options = StorageOptions { connections: arguments.clients, ..StorageOptions::new(&*url) };
    let (_, hospital) = fill("MariaDB", &options, arguments).await?;
    let (load, raw) = (load(arguments), Raw::new(&url, arguments.clients)?);
    compare("point read   ", hospital.point_reads(&load).await?, raw.point_reads(&load, &hospital).await?);
    compare("page of ten  ", hospital.pages(&load).await?, raw.pages(&load).await?);
    compare("transition   ", hospital.transitions(&load).await?, raw.transitions(&load, &hospital).await?);
    compare("complete list", hospital.complete_list(&load).await?, raw.complete_list(&load).await?);
    Ok(())
}

async fn fill(name: &str, options: &StorageOptions, arguments: &Arguments) -> Outcome<(Storage, Hospital)> {
    let storage = Storage::open(options, Arc::new(FakeRandom::new(7)), ZONE)?;
    storage.migrate().await?;
    let hospital = Hospital::fill(&storage, arguments.inquiries(), arguments.clients).await?;
    println!("{name}, {} inquiries, {} clients", arguments.inquiries(), arguments.clients);
    Ok((storage, hospital))
}

fn load(arguments: &Arguments) -> Load {
    Load { clients: arguments.clients, lasting: arguments.lasting() }
}

fn compare(name: &str, port: Rate, raw: Rate) {
    println!("  {name}  port {port}, raw driver {raw}, ratio {:.2}", port.per_second() / raw.per_second());
}
