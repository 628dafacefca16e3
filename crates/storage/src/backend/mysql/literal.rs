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
            text.push_str("_utf8mb4 ");
            push_hexadecimal(text, bytes);
            Ok(())
        }
        MysqlType::Blob => {
            push_hexadecimal(text, bytes);
            Ok(())
        }
        _ => return Err(unusable("a value of a type without a literal")),
    };
    written.map_err(|error| Error::SerializationError(error.into()))
}

fn read<T: FromSql<S, Mysql>, S>(value: MysqlValue<'_>) -> QueryResult<T> {
    T::from_sql(value).map_err(Error::SerializationError)
}

/// `x'…'` rather than `0x…`, which cannot be empty.
fn push_hexadecimal(text: &mut String, bytes: &[u8]) {
    text.push_str("x'");
    data_encoding::HEXLOWER.encode_append(bytes, text);
    text.push('\'');
}

fn unusable(reason: &'static str) -> Error {
    Error::SerializationError(reason.into())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use diesel::ExpressionMethods as _;

    use super::*;

    diesel::table! {
        samples (id) {
            id -> BigInt,
            code -> SmallInt,
            name -> Text,
            note -> Nullable<Text>,
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
            samples::body.eq(Vec::new()),
            samples::at.eq(at),
            samples::day.eq(day),
        );
        let text = statement_text(&diesel::insert_into(samples::table).values(row)).unwrap();
        let (_, values) = text.split_once("VALUES ").unwrap();
        assert_eq!(
            values,
            "(-9223372036854775808, 7, _utf8mb4 x'3f273b2044524f50205441424c4520e5bca05c', NULL, x'', \
             '2026-11-27 08:05:00.000120', '2026-11-27')"
        );
    }
}
