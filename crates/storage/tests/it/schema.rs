//! Both migrations and `schema.rs` describe the same tables, except `commit_marker`, which only MariaDB has
//! and no typed statement uses.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests panic on failure")]

use crate::support;
use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::{Integer, Text};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use yilin_domain::account::{HomeAddress, Hospital, Nickname, PersonName};
use yilin_domain::chat::SUMMARY_MAX_CHARS;
use yilin_domain::file::FileMention;
use yilin_domain::inquiry::InquiryDetail;
use yilin_domain::medical_record::{AddendumText, DiagnosticDescription};
use yilin_domain::reason::Reason;
use yilin_domain::webhook::FailureText;
use yilin_storage::Storage;
use yilin_testkit::contract::ZONE;
use yilin_testkit::mariadb::Server;
use yilin_testkit::sqlite::TempDatabase;

const DECLARED: &str = include_str!("../../src/schema.rs");
const MYSQL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/mysql");

/// The properties that must be the same everywhere. Generated columns are derived from NOT NULL columns, so
/// they are never null, although MariaDB cannot declare that.
#[derive(Debug, PartialEq, Eq)]
struct Table {
    key: Vec<String>,
    columns: Vec<(String, String)>,
}

/// An index other than the primary key: whether it is unique, and its columns.
type Index = (bool, Vec<String>);

type Tables = BTreeMap<String, Table>;
type Indexes = BTreeMap<String, BTreeSet<Index>>;

/// The tables of `schema.rs`, which is private to the crate.
fn declared() -> Tables {
    let mut tables = Tables::new();
    for declaration in DECLARED.split("table! {").skip(1) {
        let (head, rest) = declaration.split_once('{').unwrap();
        let (name, key) = head.split_once('(').unwrap();
        let key = key.trim().trim_end_matches(')').split(", ").map(str::to_owned).collect();
        let columns = rest.split_once('}').unwrap().0.lines().filter_map(|line| line.split_once(" -> "));
        let column =
            |(name, kind): (&str, &str)| (name.trim().to_owned(), kind.trim_end_matches(',').to_owned());
        tables.insert(name.trim().to_owned(), Table { key, columns: columns.map(column).collect() });
    }
    tables
}

fn nullable(kind: &str, is_nullable: bool) -> String {
    if is_nullable { format!("Nullable<{kind}>") } else { kind.to_owned() }
}

#[derive(QueryableByName)]
struct SqliteColumn {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Integer)]
    notnull: i32,
    #[diesel(sql_type = Integer)]
    pk: i32,
}

fn sqlite_tables(conn: &mut SqliteConnection) -> Tables {
    let columns: Vec<SqliteColumn> = sql_query(
        "SELECT t.name AS 'table', c.name AS name, c.type AS kind, \
            c.\"notnull\" OR c.hidden <> 0 AS \"notnull\", \
            CASE WHEN t.sql LIKE '%AUTOINCREMENT%' AND c.pk = 1 THEN -1 ELSE c.pk END AS pk \
         FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' \
         ORDER BY t.name, c.cid",
    )
    .load(conn)
    .unwrap();
    let mut tables = Tables::new();
    let mut keys: BTreeMap<String, Vec<(i32, String)>> = BTreeMap::new();
    for SqliteColumn { table, name, kind, notnull, pk } in columns {
        let kind = match (&*kind, pk) {
            ("INTEGER", -1) | ("BIGINT", _) => "BigInt",
            ("INTEGER", _) => "Integer",
            ("SMALLINT", _) => "SmallInt",
            ("BOOLEAN", _) => "Bool",
            ("TEXT", _) => "Text",
            ("BLOB", _) => "Binary",
            ("TIMESTAMP", _) => "Timestamp",
            ("DATE", _) => "Date",
            _ => panic!("{table}.{name}: {kind}"),
        };
        if pk != 0 {
            keys.entry(table.clone()).or_default().push((pk, name.clone()));
        }
        let table = tables.entry(table).or_insert(Table { key: Vec::new(), columns: Vec::new() });
        table.columns.push((name, nullable(kind, notnull == 0)));
    }
    for (table, mut key) in keys {
        key.sort();
        tables.get_mut(&table).unwrap().key = key.into_iter().map(|(_, name)| name).collect();
    }
    tables
}

#[derive(QueryableByName)]
struct SqliteIndex {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Integer)]
    is_unique: i32,
    #[diesel(sql_type = Text)]
    columns: String,
}

fn sqlite_indexes(conn: &mut SqliteConnection) -> Indexes {
    let found: Vec<SqliteIndex> = sql_query(
        "SELECT t.name AS 'table', i.\"unique\" AS is_unique, \
            (SELECT GROUP_CONCAT(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) AS columns \
         FROM sqlite_master t JOIN pragma_index_list(t.name) i \
         WHERE t.type = 'table' AND t.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND i.origin <> 'pk'",
    )
    .load(conn)
    .unwrap();
    let mut indexes = Indexes::new();
    for SqliteIndex { table, is_unique, columns } in found {
        indexes.entry(table).or_default().insert((is_unique == 1, split(&columns)));
    }
    indexes
}

fn split(columns: &str) -> Vec<String> {
    columns.split(',').map(str::to_owned).collect()
}

async fn mariadb_tables(conn: &mut Conn) -> Tables {
    let columns: Vec<(String, String, String, bool)> = conn
        .query(
            "SELECT table_name, column_name, column_type, is_nullable = 'YES' AND extra NOT LIKE '%GENERATED%' \
             FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT LIKE '\\_\\_diesel%' AND table_name <> 'commit_marker' ORDER BY table_name, ordinal_position",
        )
        .await
        .unwrap();
    let keys: Vec<(String, String)> = conn
        .query(
            "SELECT table_name, GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics \
             WHERE table_schema = DATABASE() AND index_name = 'PRIMARY' GROUP BY table_name",
        )
        .await
        .unwrap();
    let keys: BTreeMap<_, _> = keys.into_iter().collect();
    let mut tables = Tables::new();
    for (table, name, kind, is_nullable) in columns {
        let kind = match kind.split('(').next().unwrap() {
            // Read as text; see the comment in the migration.
            "mediumblob" | "blob" if name == "body" => "Text",
            "tinyint" if kind == "tinyint(1)" => "Bool",
            "bigint" => "BigInt",
            "int" => "Integer",
            "smallint" => "SmallInt",
            "char" | "varchar" | "text" | "mediumtext" => "Text",
            "binary" | "varbinary" | "blob" | "mediumblob" => "Binary",
            "datetime" => "Timestamp",
            "date" => "Date",
            _ => panic!("{table}.{name}: {kind}"),
        };
        let key = split(&keys[&table]);
        let table = tables.entry(table).or_insert(Table { key, columns: Vec::new() });
        table.columns.push((name, nullable(kind, is_nullable)));
    }
    tables
}

async fn mariadb_indexes(conn: &mut Conn) -> Indexes {
    let found: Vec<(String, bool, String)> = conn
        .query(
            "SELECT table_name, non_unique = 0, GROUP_CONCAT(column_name ORDER BY seq_in_index) \
             FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name <> 'PRIMARY' \
                AND table_name NOT LIKE '\\_\\_diesel%' AND table_name <> 'commit_marker' \
             GROUP BY table_name, index_name, non_unique",
        )
        .await
        .unwrap();
    let mut indexes = Indexes::new();
    for (table, is_unique, columns) in found {
        indexes.entry(table).or_default().insert((is_unique, split(&columns)));
    }
    indexes
}

fn open(place: &TempDatabase) -> SqliteConnection {
    SqliteConnection::establish(place.url().trim_start_matches("sqlite:")).unwrap()
}

fn assert_same(found: &Tables) {
    let declared = declared();
    assert!(declared.len() > 20, "{declared:?}");
    assert_eq!(found.keys().collect::<Vec<_>>(), declared.keys().collect::<Vec<_>>());
    for (name, table) in declared {
        assert_eq!(found[&name], table, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_has_the_tables_of_the_schema() {
    let place = TempDatabase::new();
    support::storage(&support::options(place.url()), support::random()).await;
    assert_same(&sqlite_tables(&mut open(&place)));
}

/// Whatever the database's default character set.
#[tokio::test(flavor = "multi_thread")]
async fn mariadb_has_the_tables_of_the_schema_and_sqlites_indexes() {
    let url = Server::shared().await.database().await;
    let mut conn = Conn::from_url(&url).await.unwrap();
    conn.query_drop("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci").await.unwrap();
    support::storage(&support::options(&*url), support::random()).await;
    assert_same(&mariadb_tables(&mut conn).await);
    let others: Vec<(String, String)> = conn
        .query(
            "SELECT table_name, table_collation FROM information_schema.tables WHERE table_schema = DATABASE() \
             AND table_name NOT LIKE '\\_\\_diesel%' AND table_name <> 'commit_marker' AND (table_collation <> 'utf8mb4_bin' OR engine <> 'InnoDB')",
        )
        .await
        .unwrap();
    assert_eq!(others, []);

    let place = TempDatabase::new();
    support::storage(&support::options(place.url()), support::random()).await;
    assert_eq!(mariadb_indexes(&mut conn).await, sqlite_indexes(&mut open(&place)));
}

/// The maximum number of characters of each text that people or other systems write, by its column. Identifiers are in ASCII and
/// have no place here.
const TEXTS: &[(&str, usize)] = &[
    ("account.username", PersonName::MAX_CHARS),
    ("account.nickname", Nickname::MAX_CHARS),
    ("account.hospital", Hospital::MAX_CHARS),
    ("account.home_address", HomeAddress::MAX_CHARS),
    ("account_standing.reason", Reason::MAX_CHARS),
    ("conversation_summary.content", SUMMARY_MAX_CHARS),
    ("drug_order.certificate", FileMention::MAX_CHARS),
    ("drug_order_history.certificate", FileMention::MAX_CHARS),
    ("drug_order_history.reason", Reason::MAX_CHARS),
    ("inquiry.detail", InquiryDetail::MAX_CHARS),
    ("inquiry.patient_username", PersonName::MAX_CHARS),
    ("inquiry.physician_username", PersonName::MAX_CHARS),
    ("inquiry.status_reason", Reason::MAX_CHARS),
    ("inquiry_history.reason", Reason::MAX_CHARS),
    ("medical_addendum.content", AddendumText::MAX_CHARS),
    ("medical_addendum.inquiry_video", FileMention::MAX_CHARS),
    ("medical_addendum.medical_img", FileMention::MAX_CHARS),
    ("medical_addendum.reason", Reason::MAX_CHARS),
    ("medical_record.diagnostic_description", DiagnosticDescription::MAX_CHARS),
    ("medical_record.inquiry_video", FileMention::MAX_CHARS),
    ("medical_record.medical_img", FileMention::MAX_CHARS),
    ("webhook_delivery.failure", FailureText::MAX_CHARS),
];

/// Columns whose texts are not values of the domain with a maximum of their own: the adapter, or a limit in bytes, bounds them.
const BOUNDED_OTHERWISE: &[&str] = &[
    "account.password_hash",
    "audit_chain.instance",
    "audit_verification.first_faults",
    "audit_verification.heads",
    "conversation_summary.model",
    "conversation_turn.content",
    "conversation_turn.model",
    "conversation_turn.sent",
    "idempotent_answer.answer",
    "import_job.fault",
    "import_job.remarks",
    "import_row.cells",
    "import_row.problems",
    "import_row.sheet",
    "known_login.key_digest",
    "login_attempt.attempts",
    "login_attempt.key_digest",
    "session.client_address",
];

/// SQLite's columns have no length.
#[tokio::test(flavor = "multi_thread")]
async fn every_text_column_holds_the_longest_text_on_mariadb() {
    let url = Server::shared().await.database().await;
    support::storage(&support::options(&*url), support::random()).await;
    let mut conn = Conn::from_url(&url).await.unwrap();
    // In the worst case a character takes four bytes.
    let columns: Vec<(String, u64)> = conn
        .query(
            "SELECT CONCAT(table_name, '.', column_name), character_octet_length DIV 4 FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name NOT LIKE '\\_\\_diesel%' AND character_set_name = 'utf8mb4'",
        )
        .await
        .unwrap();
    let mut columns: BTreeMap<_, _> = columns.into_iter().collect();
    for (column, max_chars) in TEXTS {
        let held = columns.remove(*column).unwrap_or_else(|| panic!("no column {column}"));
        assert!(
            held >= u64::try_from(*max_chars).unwrap(),
            "{column} holds {held} of {max_chars} characters"
        );
    }
    let others: Vec<_> = columns.into_keys().collect();
    assert_eq!(others, BOUNDED_OTHERWISE, "say how long a text of these columns can be");
}

/// MySQL's migrations, oldest first: the version that is recorded of each, and its statements.
fn mysql_migrations() -> Vec<(String, String)> {
    let folders = std::fs::read_dir(MYSQL).unwrap().map(|folder| folder.unwrap().path());
    let mut migrations: Vec<_> = folders
        .map(|folder| {
            let name = folder.file_name().unwrap().to_str().unwrap();
            let version = name.split('_').next().unwrap().replace('-', "");
            (version, std::fs::read_to_string(folder.join("up.sql")).unwrap())
        })
        .collect();
    migrations.sort();
    migrations
}

/// A crash before a migration was recorded: each of its statements runs a second time. SQLite needs no such test: there each
/// migration is one transaction.
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_runs_again_after_a_crash_on_mariadb() {
    let migrations = mysql_migrations();
    let versions: Vec<_> = migrations.iter().map(|(version, _)| version.clone()).collect();
    for (before, (version, statements)) in migrations.iter().enumerate() {
        let url = Server::shared().await.database().await;
        let storage = Storage::open(&support::options(&*url), support::random(), ZONE).unwrap();
        storage.migrate_to(&versions[..before]).await.unwrap();
        let mut conn = Conn::from_url(&url).await.unwrap();
        for statement in statements.split(";\n").filter(|statement| !statement.trim().is_empty()) {
            conn.query_drop(statement).await.unwrap_or_else(|error| panic!("{version}: {error}"));
        }
        storage.migrate().await.unwrap_or_else(|error| panic!("{version}, again: {error}"));
        assert_same(&mariadb_tables(&mut conn).await);
        storage.migrate().await.unwrap();
    }
}
