//! Speed of a roster import, relative to its lower bound: reading the workbook and sending the rows to the
//! database.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Opts, OptsBuilder, TxOpts};
use yilin_domain::account::{Account, Actor, PersonName, Role};
use yilin_domain::port::{ByteStream, OutsidePorts, RosterReader as _, WorkbookWriter as _};
use yilin_domain::roster::{ImportOptions, template_sheets};
use yilin_domain::session::SessionId;
use yilin_domain::usecase::{RosterImport, UseCases};
use yilin_roster::{SpreadsheetReader, XlsxWriter};
use yilin_storage::Storage;
use yilin_testkit::fakes::Fakes;
use yilin_testkit::policy;

use crate::Outcome;

/// Interval between look-ups during the import.
const LOOK: Duration = Duration::from_millis(5);
/// Rows per statement on the raw side.
const ROWS: usize = 500;

/// Imports this many people into an empty database and prints the comparison.
pub(crate) async fn measure(storage: &Storage, url: &str, rows: usize) -> Outcome<()> {
    let workbook = workbook(rows).await?;
    println!("roster of {rows} rows, {} KiB", workbook.len() >> 10);
    let began = Instant::now();
    let read = read(&workbook).await?;
    let reading = began.elapsed();
    let inserting = insert_raw(url, rows).await?;
    let (use_cases, admin) = service(storage).await?;
    let done = Arc::new(AtomicBool::new(false));
    let looking = tokio::spawn(look_up(storage.clone(), admin.clone(), done.clone()));
    let began = Instant::now();
    let actor = Actor::new(admin.uuid, Role::Admin, SessionId::from_bytes([0; 16]));
    let imports = &use_cases.roster_import;
    let content = content(&workbook);
    let arrived = imports.receive(&actor, content, RosterImport::MAX_BYTES, ImportOptions::default()).await?;
    let report = imports.run(arrived, &|_| {}).await?;
    let importing = began.elapsed();
    done.store(true, Ordering::Relaxed);
    let mut waits = looking.await??;
    waits.sort_unstable();
    let p99 = waits.get(waits.len() * 99 / 100).copied().unwrap_or_default();
    if read != rows || report.counts.imported != u64::try_from(rows)? {
        return Err(format!("{read} rows were read and {} imported", report.counts.imported).into());
    }
    let ratio = (reading + inserting).as_secs_f64() / importing.as_secs_f64();
    println!(
        "  import {importing:.1?}, reading {reading:.1?} + raw inserts {inserting:.1?}, ratio {ratio:.2}"
    );
    println!("  meanwhile {} look-ups, p99 {p99:.1?}", waits.len());
    Ok(())
}

async fn workbook(rows: usize) -> Outcome<Vec<u8>> {
    let mut sheets = template_sheets();
    let sheet = sheets.first_mut().ok_or("no sheet")?;
    sheet.rows = (0..rows)
        .map(|n| {
            let (phone, home) = (format!("137{n:08}"), format!("阳光社区人民路{}栋{n}号", n % 30));
            vec![format!("王桂兰{n}"), "女".to_owned(), phone, home, (n % 100).to_string(), String::new()]
        })
        .collect();
    Ok(XlsxWriter.write(sheets).await?)
}

fn content(workbook: &[u8]) -> ByteStream {
    let pieces: Vec<_> = workbook.chunks(1 << 16).map(|piece| Ok(piece.to_vec().into())).collect();
    stream::iter(pieces).boxed()
}

async fn read(workbook: &[u8]) -> Outcome<usize> {
    let received = SpreadsheetReader::new().receive(content(workbook), RosterImport::MAX_BYTES).await?;
    let mut pieces = received.read();
    let mut rows = 0;
    while let Some(piece) = pieces.try_next().await? {
        if let yilin_domain::port::RosterPiece::Rows(some) = piece {
            rows += some.len();
        }
    }
    // The headers of both sheets, and the example on the other one.
    Ok(rows - 3)
}

/// Inserts the same people in multi-row statements, each in its own transaction. They have different phone
/// numbers and are deleted afterwards.
async fn insert_raw(url: &str, rows: usize) -> Outcome<Duration> {
    let opts = OptsBuilder::from_opts(Opts::from_url(url)?).prefer_socket(false);
    let mut conn = mysql_async::Conn::new(opts).await?;
    let began = Instant::now();
    for start in (0..rows).step_by(ROWS) {
        let mut statement =
            "INSERT INTO account (uuid, username, nickname, role, sex, age, age_given_on, phone, hospital, \
             home_address, password_hash, password_version, login_count, must_change_password, disabled, \
             standing_version, created_at) VALUES "
                .to_owned();
        for n in start..rows.min(start + ROWS) {
            let comma = if n == start { "" } else { "," };
            write!(
                statement,
                "{comma}('{n:08x}', '王桂兰{n}', '', 0, 1, {}, '2026-11-23', '136{n:08}', '', '阳光社区人民路{}栋{n}号', \
                 '$2b$12$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 0, 1, 0, 1, '2026-11-23 00:00:00')",
                n % 100,
                n % 30
            )?;
        }
        let mut transaction = conn.start_transaction(TxOpts::default()).await?;
        transaction.query_drop(statement).await?;
        transaction.commit().await?;
    }
    let took = began.elapsed();
    conn.query_drop("DELETE FROM account WHERE phone LIKE '136%'").await?;
    conn.disconnect().await?;
    Ok(took)
}

async fn service(storage: &Storage) -> Outcome<(UseCases, Account)> {
    let (rosters, workbooks) = (Arc::new(SpreadsheetReader::new()), Arc::new(XlsxWriter));
    let ports = storage.ports(OutsidePorts { rosters, workbooks, ..Fakes::new().outside() });
    let use_cases = UseCases::new(ports, policy(b"secret", "http://127.0.0.1:8088"));
    let name = PersonName::parse("admin").map_err(|problem| format!("{problem:?}"))?;
    use_cases.setup.ensure_admin(&name, "admin").await?;
    let admin = storage.accounts().admins().await?.into_iter().next().ok_or("no admin")?.account;
    Ok((use_cases, admin))
}

/// Looks up an account at intervals and returns how long each look-up took.
async fn look_up(storage: Storage, somebody: Account, done: Arc<AtomicBool>) -> Outcome<Vec<Duration>> {
    let (accounts, mut waits) = (storage.accounts(), Vec::new());
    let mut ticks = tokio::time::interval(LOOK);
    while !done.load(Ordering::Relaxed) {
        ticks.tick().await;
        let began = Instant::now();
        accounts.find(somebody.uuid).await?.ok_or("nobody")?;
        waits.push(began.elapsed());
    }
    Ok(waits)
}
