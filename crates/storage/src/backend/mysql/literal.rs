//! Statements as text: their values as literals, which cannot be taken for SQL.

use std::fmt::Write as _;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::QueryResult;
use diesel::deserialize::FromSql;
use diesel::mysql::{Mysql, MysqlType, MysqlValue};
use diesel::query_builder::QueryFragment;
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::result::Error;
use diesel::sql_types::{BigInt, Date, Datetime, Integer, SmallInt, TinyInt};

/// The placeholder of a bound value. Nothing else in the statements of this crate contains it.
const PLACEHOLDER: char = '?';

/// The statement with its bound values as literals.
pub(super) fn statement_text<S: QueryFragment<Mysql>>(statement: &S) -> QueryResult<String> {
    let mut builder = <Mysql as diesel::backend::Backend>::QueryBuilder::default();
    statement.to_sql(&mut builder, &Mysql)?;
    let sql = diesel::query_builder::QueryBuilder::finish(builder);
    let mut bound = RawBytesBindCollector::<Mysql>::new();
    statement.collect_binds(&mut bound, &mut (), &Mysql)?;
    let mut pieces = sql.split(PLACEHOLDER);
    let mut text = pieces.next().unwrap_or_default().to_owned();
    let mut values = bound.metadata.into_iter().zip(bound.binds);
    for piece in pieces {
        let (kind, value) = values.next().ok_or_else(|| unusable("more placeholders than values"))?;
        push_literal(&mut text, kind, value.as_deref())?;
        text.push_str(piece);
    }
    if values.next().is_some() {
        return Err(unusable("more values than placeholders"));
    }
    Ok(text)
}

fn push_literal(text: &mut String, kind: MysqlType, value: Option<&[u8]>) -> QueryResult<()> {
    let Some(bytes) = value else {
        text.push_str("NULL");
        return Ok(());
    };
    let value = || MysqlValue::new(bytes, kind);
    let written = match kind {
        MysqlType::Tiny => write!(text, "{}", read::<i8, TinyInt>(value())?),
        MysqlType::Short => write!(text, "{}", read::<i16, SmallInt>(value())?),
        MysqlType::Long => write!(text, "{}", read::<i32, Integer>(value())?),
        MysqlType::LongLong => write!(text, "{}", read::<i64, BigInt>(value())?),
        MysqlType::Date => write!(text, "'{}'", read::<NaiveDate, Date>(value())?),
        MysqlType::DateTime | MysqlType::Timestamp => {
            write!(text, "'{}'", read::<NaiveDateTime, Datetime>(value())?.format("%Y-%m-%d %H:%M:%S%.6f"))
        }
        MysqlType::String => {
            push_bytes(text, "_utf8mb4", bytes);
            Ok(())
        }
        MysqlType::Blob => {
            push_bytes(text, "_binary", bytes);
            Ok(())
        }
        _ => return Err(unusable("a value of a type without a literal")),
    };
    written.map_err(|error| Error::SerializationError(error.into()))
}

fn read<T: FromSql<S, Mysql>, S>(value: MysqlValue<'_>) -> QueryResult<T> {
    T::from_sql(value).map_err(Error::SerializationError)
}

/// Between quotes if nothing in it has a meaning there in any `sql_mode`, which is shorter; otherwise hexadecimal, as `x'…'`
/// rather than `0x…`, which cannot be empty.
fn push_bytes(text: &mut String, character_set: &str, bytes: &[u8]) {
    text.push_str(character_set);
    match std::str::from_utf8(bytes) {
        Ok(plain) if !plain.contains(['\'', '\\', '\0']) => {
            text.push_str(" '");
            text.push_str(plain);
        }
        _ => {
            text.push_str(" x'");
            data_encoding::HEXLOWER.encode_append(bytes, text);
        }
    }
    text.push('\'');
}

fn unusable(reason: &'static str) -> Error {
    Error::SerializationError(reason.into())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use diesel::{ExpressionMethods as _, QueryDsl as _};
    use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
    use yilin_testkit::mariadb::Server;

    use super::*;
    use crate::backend::mysql::Connector;

    diesel::table! {
        samples (id) {
            id -> BigInt,
            code -> SmallInt,
            name -> Text,
            note -> Nullable<Text>,
            query -> Text,
            body -> Blob,
            at -> Datetime,
            day -> Date,
        }
    }

    #[test]
    fn values_are_literals() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        let at = day.and_hms_micro_opt(8, 5, 0, 120).unwrap();
        let row = (
            samples::id.eq(i64::MIN),
            samples::code.eq(7_i16),
            samples::name.eq("?'; DROP TABLE 张\\"),
            samples::note.eq(None::<&str>),
            samples::query.eq("{\"name\":\"张?\"}"),
            samples::body.eq(Vec::new()),
            samples::at.eq(at),
            samples::day.eq(day),
        );
        let text = statement_text(&diesel::insert_into(samples::table).values(row)).unwrap();
        let (_, values) = text.split_once("VALUES ").unwrap();
        assert_eq!(
            values,
            "(-9223372036854775808, 7, _utf8mb4 x'3f273b2044524f50205441424c4520e5bca05c', NULL, _utf8mb4 '{\"name\":\"张?\"}', _binary '', \
             '2026-11-27 08:05:00.000120', '2026-11-27')"
        );
    }

    diesel::table! {
        texts (id) {
            id -> BigInt,
            text -> Text,
            bytes -> Blob,
        }
    }

    /// Every ASCII character alone and at both ends, and what a multi-byte character set would join.
    fn texts() -> Vec<String> {
        let ascii = (0..=0x7f_u8).map(char::from);
        let around =
            ascii.flat_map(|char| [format!("{char}"), format!("{char}张{char}"), format!("張{char}, 1);--")]);
        around
            .chain([String::new(), "\\'".to_owned(), "''".to_owned(), "表\\".to_owned(), "😀".to_owned()])
            .collect()
    }

    /// The text, and bytes that are none for every other one.
    fn bytes_of(text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        if bytes.len() % 2 == 1 {
            bytes.push(0xe5);
        }
        bytes
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn mariadb_reads_what_was_written_in_every_mode() {
        let server = Server::start().await;
        let mut conn = Connector::new(server.database().await).establish().await.unwrap();
        let table = "CREATE TABLE texts (id BIGINT NOT NULL PRIMARY KEY, text VARCHAR(40) CHARACTER SET utf8mb4 \
                     COLLATE utf8mb4_bin NOT NULL, bytes BLOB NOT NULL)";
        conn.batch_execute(table).await.unwrap();
        for mode in ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES,PIPES_AS_CONCAT"] {
            conn.batch_execute(&format!("SET SESSION sql_mode = '{mode}'")).await.unwrap();
            let row = |(id, text): (_, String)| {
                (texts::id.eq(id), texts::bytes.eq(bytes_of(&text)), texts::text.eq(text))
            };
            let rows: Vec<_> = (0..).zip(texts()).map(row).collect();
            conn.at_commit(diesel::insert_into(texts::table).values(rows)).await.unwrap();
            let stored: Vec<(String, Vec<u8>)> = texts::table
                .order(texts::id)
                .select((texts::text, texts::bytes))
                .load(&mut conn)
                .await
                .unwrap();
            let expected: Vec<_> = texts().into_iter().map(|text| (text.clone(), bytes_of(&text))).collect();
            assert_eq!(stored, expected, "{mode}");
            diesel::delete(texts::table).execute(&mut conn).await.unwrap();
        }
    }
}
