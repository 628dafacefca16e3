//! One value of a request: its parsing and its schema.

use chrono::NaiveDate;
use serde_json::Value;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};
use yilin_domain::account::{NewPassword, Role};
use yilin_domain::time::HospitalZone;
use yilin_domain::validation::FieldProblem;

use super::whole;

/// A value as the client sent it.
#[derive(Clone, Copy)]
pub enum Given<'a> {
    /// Absent, or JSON `null`.
    Absent,
    /// A query parameter without `=`.
    Bare,
    /// A query parameter.
    Query(&'a str),
    /// A member of a JSON body.
    Json(&'a Value),
}

impl<'a> Given<'a> {
    /// The value as text; `None` if it is absent or empty.
    pub fn text(self) -> Result<Option<&'a str>, FieldProblem> {
        match self {
            Self::Absent | Self::Bare => Ok(None),
            Self::Query(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            Self::Json(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Self::Json(_) => Err(FieldProblem::WrongType),
        }
    }

    /// Whether the value is absent or empty.
    fn is_empty(self) -> bool {
        matches!(self.text(), Ok(None))
    }
}

/// The context that parsing a value may depend on.
pub struct FieldContext<'a> {
    /// The hospital's time zone.
    pub zone: HospitalZone,
    /// The day at the hospital.
    pub today: NaiveDate,
    /// The caller's role, if the caller is known.
    pub role: Option<Role>,
    /// Parses a new password by this installation's rules.
    pub new_password: &'a dyn Fn(&str) -> Result<NewPassword, FieldProblem>,
    /// Whether the request has a field with this name, whatever its value.
    pub has: &'a dyn Fn(&str) -> bool,
}

/// A type of a request field.
pub trait Field: Sized {
    /// Whether the field is required.
    const REQUIRED: bool = true;

    /// Parses what the client sent.
    fn read(given: Given<'_>, context: &FieldContext<'_>) -> Result<Self, FieldProblem>;

    /// The value's schema.
    fn schema() -> Object;

    /// The id of the record that this value identifies, for the audit log, if it identifies one.
    fn record_id(&self) -> Option<String> {
        None
    }
}

/// A value written as text, in query strings and in JSON.
pub trait TextField: Sized {
    /// Parses a non-empty text.
    fn parse(text: &str, zone: HospitalZone) -> Result<Self, FieldProblem>;

    /// The text's schema.
    fn schema() -> ObjectBuilder;

    /// See [`Field::record_id`].
    fn record_id(&self) -> Option<String> {
        None
    }
}

impl<T: TextField> Field for T {
    fn read(given: Given<'_>, context: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        let text = given.text()?.ok_or(FieldProblem::Missing)?;
        T::parse(text, context.zone)
    }

    fn schema() -> Object {
        T::schema().schema_type(Type::String).build()
    }

    fn record_id(&self) -> Option<String> {
        TextField::record_id(self)
    }
}

/// An optional value; absent and empty are the same.
impl<T: Field> Field for Option<T> {
    const REQUIRED: bool = false;

    fn read(given: Given<'_>, context: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        if given.is_empty() { Ok(None) } else { T::read(given, context).map(Some) }
    }

    fn schema() -> Object {
        or_empty(T::schema())
    }

    fn record_id(&self) -> Option<String> {
        self.as_ref().and_then(T::record_id)
    }
}

/// The schema of a text that may also be empty.
pub(super) fn or_empty(mut schema: Object) -> Object {
    schema.min_length = None;
    schema.pattern = schema.pattern.map(|pattern| format!("^({})?$", pattern.trim_matches(['^', '$'])));
    if let Some(values) = &mut schema.enum_values {
        values.push("".into());
    }
    schema
}

impl Field for bool {
    fn read(given: Given<'_>, _: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        match given {
            Given::Query("true") | Given::Json(Value::Bool(true)) => Ok(true),
            Given::Query("false") | Given::Json(Value::Bool(false)) => Ok(false),
            _ if given.text()?.is_none() => Err(FieldProblem::Missing),
            Given::Query(_) => Err(FieldProblem::NotOneOf(vec!["true", "false"])),
            _ => Err(FieldProblem::WrongType),
        }
    }

    fn schema() -> Object {
        ObjectBuilder::new().schema_type(Type::Boolean).examples([true]).build()
    }
}

/// A switch in a query string: `?dryRun` means `?dryRun=true`. Any value other than true or false is
/// rejected, including an empty one, so that it is not mistaken for the opposite.
pub struct Flag(pub bool);

impl Field for Flag {
    const REQUIRED: bool = false;

    fn read(given: Given<'_>, _: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        match given {
            Given::Bare | Given::Query("true" | "1") => Ok(Self(true)),
            Given::Absent | Given::Query("false" | "0") => Ok(Self(false)),
            Given::Query(_) | Given::Json(_) => Err(FieldProblem::NotOneOf(vec!["true", "false"])),
        }
    }

    fn schema() -> Object {
        bool::schema()
    }
}

/// A whole number within inclusive bounds.
pub struct Number<const MIN: i64, const MAX: i64>(pub i64);

impl<const MIN: i64, const MAX: i64> Field for Number<MIN, MAX> {
    fn read(given: Given<'_>, _: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        let number = read_whole(given)?;
        if (MIN..=MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(FieldProblem::OutOfRange { min: MIN, max: MAX })
        }
    }

    fn schema() -> Object {
        let bounds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(MIN));
        // Unlimited: no integer type bounds it.
        let bounds = if MAX == i64::MAX { bounds } else { bounds.maximum(Some(MAX)) };
        bounds.build()
    }
}

/// A whole number: digits in a query string, a number in JSON. Values out of range are clamped to one that no
/// record has.
pub(super) fn read_whole(given: Given<'_>) -> Result<i64, FieldProblem> {
    match given {
        Given::Json(Value::Number(number)) => whole(number).ok_or(FieldProblem::NotANumber),
        Given::Json(Value::String(text)) if !text.is_empty() => Err(FieldProblem::WrongType),
        _ => parse_whole(given.text()?.ok_or(FieldProblem::Missing)?.trim()),
    }
}

fn parse_whole(text: &str) -> Result<i64, FieldProblem> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FieldProblem::NotANumber);
    }
    let nearest = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Ok(text.parse().unwrap_or(nearest))
}

/// A member of which only the presence matters.
pub struct Presence(pub bool);

impl Field for Presence {
    const REQUIRED: bool = false;

    fn read(given: Given<'_>, _: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        Ok(Self(!matches!(given, Given::Absent)))
    }

    fn schema() -> Object {
        Object::with_type(SchemaType::AnyValue)
    }
}

/// An optional text for which the empty text has a meaning.
pub struct Clearable<T>(pub Option<T>);

impl<T: TextField> Field for Clearable<T> {
    const REQUIRED: bool = false;

    fn read(given: Given<'_>, context: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        match given {
            Given::Absent | Given::Bare => Ok(Self(None)),
            _ => T::parse(given.text()?.unwrap_or_default(), context.zone).map(Some).map(Self),
        }
    }

    fn schema() -> Object {
        or_empty(<T as Field>::schema())
    }
}

/// One of a fixed set of filter values; the first if absent.
pub struct Selected<C: Choices>(pub C::Value);

/// The value on the wire, its meaning for the description, and the filter value.
pub type Choice<V> = (&'static str, &'static str, fn() -> V);

/// The values of a filter.
pub trait Choices {
    /// The type of the filter value.
    type Value: 'static;
    /// Every choice; the first is the default.
    const CHOICES: &'static [Choice<Self::Value>];
}

impl<C: Choices> Field for Selected<C> {
    const REQUIRED: bool = false;

    fn read(given: Given<'_>, _: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        let names = || C::CHOICES.iter().map(|(name, ..)| *name);
        let chosen = match given.text()? {
            None => C::CHOICES.first(),
            Some(text) => C::CHOICES.iter().find(|(name, ..)| *name == text),
        };
        let (_, _, value) = chosen.ok_or_else(|| FieldProblem::NotOneOf(names().collect()))?;
        Ok(Self(value()))
    }

    fn schema() -> Object {
        let meanings: Vec<String> =
            C::CHOICES.iter().map(|(name, meaning, _)| format!("`{name}` {meaning}")).collect();
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(C::CHOICES.iter().map(|(name, ..)| *name)))
            .description(Some(meanings.join(", ")))
            .build()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CONTEXT: FieldContext<'static> = FieldContext {
        zone: HospitalZone(chrono_tz::UTC),
        today: NaiveDate::MIN,
        role: None,
        new_password: &NewPassword::parse,
        has: &|_| false,
    };

    #[test]
    fn a_whole_number_is_read_in_a_query_and_in_json() {
        for (given, expected) in [
            (Given::Query("7"), Ok(7)),
            (Given::Query(" 7 "), Ok(7)),
            (Given::Query("99999999999999999999"), Ok(i64::MAX)),
            (Given::Query("-99999999999999999999"), Ok(i64::MIN)),
            (Given::Query("1.5"), Err(FieldProblem::NotANumber)),
            (Given::Query(""), Err(FieldProblem::Missing)),
            (Given::Absent, Err(FieldProblem::Missing)),
            (Given::Json(&json!(7.0)), Ok(7)),
            (Given::Json(&json!(7.5)), Err(FieldProblem::NotANumber)),
            (Given::Json(&json!("7")), Err(FieldProblem::WrongType)),
            (Given::Json(&json!("")), Err(FieldProblem::Missing)),
            (Given::Json(&json!([7])), Err(FieldProblem::WrongType)),
        ] {
            assert_eq!(read_whole(given), expected);
        }
    }

    #[test]
    fn a_flag_needs_no_value_and_refuses_one_that_it_does_not_know() {
        for (given, expected) in [
            (Given::Absent, Some(false)),
            (Given::Bare, Some(true)),
            (Given::Query("true"), Some(true)),
            (Given::Query("0"), Some(false)),
            (Given::Query(""), None),
            (Given::Query("yes"), None),
        ] {
            assert_eq!(Flag::read(given, &CONTEXT).ok().map(|flag| flag.0), expected);
        }
    }
}
