//! MySQL's and MariaDB's side of it.

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, Value};
use tokio::runtime::Runtime;

use super::{Cell, Column, Kind, NOT_CONTENT, Row, Table, TransferError, UNFINISHED};
use crate::backend::mysql::{OPTIONAL_SETUP, SESSION_SETUP};
use crate::schema_state::APPLIED;

const QUOTE: char = '`';

/// What both directions rely on besides: a server that waits for a reader of rows that does something else meanwhile, and
/// for a writer.
const PATIENCE: &str = "SET SESSION net_write_timeout = 3600, net_read_timeout = 3600, wait_timeout = 86400, foreign_key_checks = 0";

/// MySQL 8 remembers the next ids of tables for a day; MariaDB does not know the setting.
const FRESH_IDS: &str = "SET SESSION information_schema_stats_expiry = 0";

/// A column, as the server describes it: table, column, type, extra.
type Described = (String, String, String, String);

/// A connection, and what drives it.
struct Session {
    // Before the runtime, which it needs while it is being closed.
    conn: Conn,
    runtime: Runtime,
}

impl Session {
    fn open(url: &str) -> Result<Self, TransferError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(TransferError::Runtime)?;
        let conn = runtime.block_on(async {
            let mut conn = Conn::new(Opts::from_url(url).map_err(mysql_async::Error::from)?).await?;
            conn.query_drop(SESSION_SETUP).await?;
            conn.query_drop(PATIENCE).await?;
            for statement in OPTIONAL_SETUP.into_iter().chain([FRESH_IDS]) {
                match conn.query_drop(statement).await {
                    Err(mysql_async::Error::Server(error)) => {
                        tracing::debug!(%error, statement, "the server does not support this setting");
                    }
                    set => set?,
                }
            }
            Ok::<_, mysql_async::Error>(conn)
        })?;
        Ok(Self { conn, runtime })
    }

    fn run(&mut self, statement: &str) -> Result<(), TransferError> {
        Ok(self.runtime.block_on(self.conn.query_drop(statement))?)
    }

    fn tables(&mut self) -> Result<Vec<Table>, TransferError> {
        let Self { conn, runtime } = self;
        let (columns, keys, next_ids) = runtime.block_on(async {
            let columns: Vec<Described> = conn
                .query(
                    "SELECT c.table_name, c.column_name, c.data_type, c.extra FROM information_schema.columns c \
                     JOIN information_schema.tables t USING (table_schema, table_name) \
                     WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' \
                     ORDER BY c.table_name, c.ordinal_position",
                )
                .await?;
            let keys: Vec<(String, String)> = conn
                .query(
                    "SELECT table_name, column_name FROM information_schema.key_column_usage \
                     WHERE table_schema = DATABASE() AND constraint_name = 'PRIMARY' \
                     ORDER BY table_name, ordinal_position",
                )
                .await?;
            let next_ids: Vec<(String, i64)> = conn
                .query(
                    "SELECT table_name, CAST(auto_increment AS SIGNED) FROM information_schema.tables \
                     WHERE table_schema = DATABASE() AND auto_increment IS NOT NULL",
                )
                .await?;
            Ok::<_, mysql_async::Error>((columns, keys, next_ids))
        })?;
        let mut tables: Vec<Table> = Vec::new();
        for (table, column, found, extra) in columns {
            if NOT_CONTENT.contains(&table.as_str()) || is_generated(&extra) {
                continue;
            }
            if tables.last().is_none_or(|last| last.name != table) {
                let of_table = |(name, _): &&(String, String)| *name == table;
                let key = keys.iter().filter(of_table).map(|(_, column)| column.clone()).collect();
                let next_id = next_ids.iter().find(|(name, _)| *name == table).map(|(_, next)| *next);
                tables.push(Table { name: table.clone(), columns: Vec::new(), key, next_id });
            }
            let kind = kind(&found).ok_or_else(|| TransferError::UnknownType {
                table: table.clone(),
                column: column.clone(),
                found,
            })?;
            if let Some(last) = tables.last_mut() {
                last.columns.push(Column { name: column, kind });
            }
        }
        // The server compares names without regard to case.
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tables)
    }
}

fn is_generated(extra: &str) -> bool {
    let extra = extra.to_ascii_uppercase();
    ["STORED GENERATED", "VIRTUAL GENERATED", "PERSISTENT"].iter().any(|word| extra.contains(word))
}

fn kind(found: &str) -> Option<Kind> {
    match found.to_ascii_lowercase().as_str() {
        "bigint" | "int" | "mediumint" | "smallint" | "tinyint" => Some(Kind::Integer),
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => Some(Kind::Text),
        "datetime" | "date" | "timestamp" => Some(Kind::Time),
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Some(Kind::Bytes),
        _ => None,
    }
}

/// A consistent view of `InnoDB`'s tables.
pub(super) struct Snapshot(Session);

impl Snapshot {
    pub(super) fn open(url: &str) -> Result<Self, TransferError> {
        let mut session = Session::open(url)?;
        session.run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        session.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")?;
        Ok(Self(session))
    }

    pub(super) fn tables(&mut self) -> Result<Vec<Table>, TransferError> {
        self.0.tables()
    }

    pub(super) fn migrations(&mut self) -> Result<Vec<String>, TransferError> {
        Ok(self.0.runtime.block_on(self.0.conn.query(APPLIED))?)
    }

    pub(super) fn read<E: From<TransferError>>(
        &mut self,
        table: &Table,
        visit: &mut impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let Session { conn, runtime } = &mut self.0;
        let mysql = |error| E::from(TransferError::Mysql(error));
        // In the text protocol every value is text, whatever its type; rows come as they are taken.
        let mut rows = runtime.block_on(conn.query_iter(table.select(QUOTE))).map_err(mysql)?;
        while let Some(row) = runtime.block_on(rows.next()).map_err(mysql)? {
            let values = row.unwrap_raw().into_iter().zip(&table.columns);
            let cells = values.map(|(value, column)| {
                value.and_then(|value| cell(value, column.kind)).ok_or_else(|| table.wrong_value(column))
            });
            // Not within the runtime: what is done with a row may wait for another server.
            visit(cells.collect::<Result<_, TransferError>>()?)?;
        }
        Ok(())
    }
}

fn cell(value: Value, kind: Kind) -> Option<Cell> {
    match (value, kind) {
        (Value::NULL, _) => Some(Cell::Null),
        (Value::Bytes(bytes), Kind::Bytes) => Some(Cell::Bytes(bytes)),
        (Value::Bytes(bytes), kind) => {
            let text = String::from_utf8(bytes).ok()?;
            if kind == Kind::Integer { text.parse().ok().map(Cell::Integer) } else { Some(Cell::Text(text)) }
        }
        (Value::Int(number), Kind::Integer) => Some(Cell::Integer(number)),
        (Value::UInt(number), Kind::Integer) => i64::try_from(number).ok().map(Cell::Integer),
        _ => None,
    }
}

fn parameter(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::NULL,
        Cell::Integer(number) => Value::Int(number),
        Cell::Text(text) => Value::Bytes(text.into_bytes()),
        Cell::Bytes(bytes) => Value::Bytes(bytes),
    }
}

/// Fills a server's database.
pub(super) struct Loader {
    session: Session,
}

impl Loader {
    pub(super) fn open(url: &str) -> Result<Self, TransferError> {
        Ok(Self { session: Session::open(url)? })
    }

    pub(super) fn tables(&mut self) -> Result<Vec<Table>, TransferError> {
        self.session.tables()
    }

    /// Lets the ids of tables go on where the other database's would. Ends a transaction.
    pub(super) fn set_next_ids(&mut self, others: &[Table]) -> Result<(), TransferError> {
        for Table { name, next_id, .. } in others {
            if let Some(next) = next_id {
                self.run(&format!("ALTER TABLE `{name}` AUTO_INCREMENT = {next}"))?;
            }
        }
        Ok(())
    }

    pub(super) fn rows(&mut self, table: &Table) -> Result<u64, TransferError> {
        let count = format!("SELECT COUNT(*) FROM `{}`", table.name);
        let rows = self.session.runtime.block_on(self.session.conn.query_first(count))?;
        Ok(rows.unwrap_or_default())
    }

    pub(super) fn insert(&mut self, table: &Table, rows: Vec<Row>) -> Result<(), TransferError> {
        let insert = table.insert(QUOTE, rows.len());
        let values: Vec<_> = rows.into_iter().flatten().map(parameter).collect();
        Ok(self.session.runtime.block_on(self.session.conn.exec_drop(insert, values))?)
    }

    pub(super) fn is_unfinished(&mut self) -> Result<bool, TransferError> {
        let found: Option<u8> = self.session.runtime.block_on(self.session.conn.exec_first(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?",
            (UNFINISHED,),
        ))?;
        Ok(found.is_some())
    }

    pub(super) fn run(&mut self, statement: &str) -> Result<(), TransferError> {
        self.session.run(statement)
    }
}
