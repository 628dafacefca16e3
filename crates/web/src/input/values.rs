//! Domain values as request fields: their wire format and schemas.

use chrono::NaiveDate;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use yilin_domain::account::{
    AccountUuid, Age, BirthDate, HomeAddress, Hospital, NewPassword, Nickname, PhoneNumber, ReservedPhone,
    Role, Sex,
};
use yilin_domain::event::EventId;
use yilin_domain::file::FileMention;
use yilin_domain::id::{DrugOrderId, InquiryId, MedicalRecordId};
use yilin_domain::inquiry::{InquiryDetail, VisitType};
use yilin_domain::medical_record::{AddendumText, DiagnosticDescription};
use yilin_domain::reason::Reason;
use yilin_domain::roster::ImportJobId;
use yilin_domain::time::{AppointmentTime, HospitalZone, Timestamp};
use yilin_domain::validation::FieldProblem;

use super::field::{Field, FieldContext, Given, TextField, or_empty, read_whole};

/// A non-empty text.
pub struct Text(pub String);

impl TextField for Text {
    fn parse(text: &str, _: HospitalZone) -> Result<Self, FieldProblem> {
        Ok(Self(text.to_owned()))
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().min_length(Some(1))
    }
}

/// Texts parsed by the domain: type, schema, and the record they identify.
macro_rules! text_fields {
    ($($type:ty { parse: $parse:expr, schema: $schema:expr $(, record_id: $id:expr)? })*) => {$(
        impl TextField for $type {
            fn parse(text: &str, zone: HospitalZone) -> Result<Self, FieldProblem> {
                let parse: fn(&str, HospitalZone) -> Result<Self, FieldProblem> = $parse;
                parse(text, zone)
            }

            fn schema() -> ObjectBuilder {
                let schema: fn(ObjectBuilder) -> ObjectBuilder = $schema;
                schema(ObjectBuilder::new())
            }

            $(fn record_id(&self) -> Option<String> {
                let id: fn(&Self) -> String = $id;
                Some(id(self))
            })?
        }
    )*};
}

text_fields! {
    AccountUuid {
        parse: |text, _| AccountUuid::parse(text),
        schema: |text| text.pattern(Some("^[0-9a-fA-F]{8}$")).examples(["d59aa28a"]),
        record_id: ToString::to_string
    }
    ImportJobId {
        parse: |text, _| ImportJobId::parse(text.trim()).ok_or(FieldProblem::NotAnImportId),
        schema: |text| text.pattern(Some("^[0-9a-fA-F]{32}$")),
        record_id: ToString::to_string
    }
    EventId {
        parse: |text, _| EventId::parse(text.trim()),
        schema: |text| text.pattern(Some("^[0-9]+$")).examples(["17"])
    }
    Role {
        parse: |text, _| Role::parse(text),
        schema: |text| text.enum_values(Some(Role::NAMES.iter().copied()))
    }
    Sex {
        parse: |text, _| Sex::parse(text),
        schema: |text| text.enum_values(Some(Sex::NAMES.iter().copied()))
    }
    Nickname {
        parse: |text, _| Nickname::parse(text),
        schema: |text| text.max_length(Some(Nickname::MAX_CHARS))
    }
    PhoneNumber {
        parse: |text, _| PhoneNumber::parse(text),
        schema: |text| text.pattern(Some("^1[0-9]{10}$")).examples(["19081309823"])
    }
    ReservedPhone {
        parse: |text, _| ReservedPhone::parse(text),
        schema: |text| text.pattern(Some("^[0-9]{11}$")).examples(["12345671901"])
    }
    HomeAddress {
        parse: |text, _| HomeAddress::parse(text),
        schema: |text| text.max_length(Some(HomeAddress::MAX_CHARS))
    }
    Hospital {
        parse: |text, _| Hospital::parse(text),
        schema: |text| text.max_length(Some(Hospital::MAX_CHARS))
    }
    VisitType {
        parse: |text, _| VisitType::parse(text),
        // One of the clients sends the last value as a synonym of the first.
        schema: |text| text.enum_values(Some(VisitType::NAMES.iter().copied().chain(["居家就医"])))
            .examples(["在家就医"])
    }
    InquiryDetail {
        parse: |text, _| InquiryDetail::parse(text),
        schema: |text| text.min_length(Some(1)).max_length(Some(InquiryDetail::MAX_CHARS)).examples(["经常感到头痛"])
    }
    DiagnosticDescription {
        parse: |text, _| DiagnosticDescription::parse(text),
        schema: |text| text.max_length(Some(DiagnosticDescription::MAX_CHARS)).examples(["病人有高血压"])
    }
    Reason {
        parse: |text, _| Reason::parse(text),
        schema: |text| text.min_length(Some(1)).max_length(Some(Reason::MAX_CHARS)).examples(["家人已送医"])
            .description(Some("1 to 500 characters, not counting surrounding white space"))
    }
    AddendumText {
        parse: |text, _| AddendumText::parse(text),
        schema: |text| text.min_length(Some(1)).max_length(Some(AddendumText::MAX_CHARS)).examples(["补充：血压 150/90"])
    }
    NaiveDate {
        parse: |text, zone| zone.parse_day(text),
        schema: |text| text.examples(["2026-11-27"]).description(Some("`YYYY-MM-DD`; of a time, its day at the hospital counts"))
    }
    FileMention {
        parse: |text, _| FileMention::parse(text),
        schema: |text| text.min_length(Some(1)).examples(["QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG"])
            .description(Some("A URL returned by `/api/upload`, a CID, or an http(s) URL that ends in `/ipfs/<CID>`"))
    }
    AppointmentTime {
        parse: |text, zone| zone.parse_appointment(text),
        schema: |text| text.examples(["2024-10-02 20:30"])
            .description(Some("`YYYY-MM-DD HH:MM` in the hospital's time zone, with seconds, or RFC 3339; years 2000 to 2100"))
    }
    Timestamp {
        parse: |text, zone| zone.parse_moment(text),
        schema: |text| text.examples(["2026-11-23 08:30"])
            .description(Some("`YYYY-MM-DD`, `YYYY-MM-DD HH:MM`, with seconds, or RFC 3339"))
    }
}

/// Numeric record ids.
macro_rules! record_ids {
    ($($type:ident)*) => {$(
        impl Field for $type {
            fn read(given: Given<'_>, _: &FieldContext<'_>) -> Result<Self, FieldProblem> {
                read_whole(given).map(Self)
            }

            fn schema() -> Object {
                ObjectBuilder::new().schema_type(Type::Integer).examples([1]).build()
            }

            fn record_id(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

record_ids! { InquiryId MedicalRecordId DrugOrderId }

/// Full years, as of today.
impl Field for Age {
    fn read(given: Given<'_>, _: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        Self::new(read_whole(given)?)
    }

    fn schema() -> Object {
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(Self::MAX)).build()
    }
}

/// What is possible depends on the day.
impl Field for BirthDate {
    fn read(given: Given<'_>, context: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        let text = given.text()?.ok_or(FieldProblem::Missing)?;
        let day = context.zone.parse_day(text).map_err(|problem| match problem {
            FieldProblem::NotATime => FieldProblem::NotADay,
            problem => problem,
        })?;
        Self::new(day, context.today)
    }

    fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .examples(["1950-03-08"])
            .description(Some("`YYYY-MM-DD`, not in the future, at most 150 years ago"))
            .build()
    }
}

/// The account an admin acts for. Required for admins and ignored for others, who act for themselves.
pub struct AdminNames(pub Option<AccountUuid>);

impl Field for AdminNames {
    const REQUIRED: bool = false;

    fn read(given: Given<'_>, context: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        match context.role {
            Some(Role::Admin) => AccountUuid::read(given, context).map(Some).map(Self),
            _ => Ok(Self(None)),
        }
    }

    fn schema() -> Object {
        <AccountUuid as Field>::schema()
    }
}

/// The rules depend on the installation, whose initial password is not allowed.
impl Field for NewPassword {
    fn read(given: Given<'_>, context: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        (context.new_password)(given.text()?.ok_or(FieldProblem::Missing)?)
    }

    fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^[^\u0000]{6,71}$"))
            .examples(["1234567"])
            .description(Some("6 to 71 bytes of UTF-8, not a default or the initial password"))
            .build()
    }
}

/// A value that is ignored in an account that a client sends back unchanged: see
/// [`AccountUpdate::is_echo`](yilin_domain::account::AccountUpdate::is_echo). It is therefore never invalid.
pub struct NotFromEcho<T>(pub Option<T>);

impl<T: TextField> Field for NotFromEcho<T> {
    const REQUIRED: bool = false;

    fn read(given: Given<'_>, context: &FieldContext<'_>) -> Result<Self, FieldProblem> {
        if (context.has)("id") { Ok(Self(None)) } else { Option::read(given, context).map(Self) }
    }

    fn schema() -> Object {
        or_empty(<T as Field>::schema())
    }
}
