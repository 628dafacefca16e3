//! Validation that collects all problems of an input, not only the first.

/// A problem of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldProblem {
    /// Absent or empty, but required.
    Missing,
    /// Of another JSON type than expected.
    WrongType,
    /// Given more often than allowed.
    TooMany,
    /// A form without a boundary, or a part with unreadable headers.
    UnreadableForm,
    /// A known parameter with different capitalisation; names are case-sensitive.
    Misspelled,
    /// Other characters than printable ones of ASCII.
    NotPrintable,
    /// Not a whole number.
    NotANumber,
    /// A number outside these bounds, both inclusive.
    OutOfRange {
        /// The minimum.
        min: i64,
        /// The maximum.
        max: i64,
    },
    /// Too many characters.
    TooLong {
        /// The maximum number of characters.
        max: usize,
    },
    /// Fewer or more characters than allowed, both bounds included.
    CharacterCount {
        /// The smallest allowed number of characters.
        min: usize,
        /// The largest allowed number of characters.
        max: usize,
    },
    /// Too many bytes.
    TooManyBytes {
        /// The maximum number of bytes.
        max: usize,
    },
    /// Not one of the allowed values.
    NotOneOf(Vec<&'static str>),
    /// Not 11 digits starting with 1.
    NotAPhoneNumber,
    /// Not 11 digits.
    NotElevenDigits,
    /// Not an account's uuid: 8 hexadecimal digits.
    NotAUuid,
    /// Days that are too many, or the last of which is before the first.
    NotWithinDays {
        /// The largest allowed number of days.
        max: i64,
    },
    /// Not an import's id: 32 hexadecimal digits.
    NotAnImportId,
    /// Not an event's id: digits.
    NotAnEventId,
    /// No event has this id yet.
    UnknownEvent,
    /// No physician has this uuid.
    UnknownPhysician,
    /// No patient has this uuid.
    UnknownPatient,
    /// The physician who is to hand over cannot take over as well.
    SamePhysician,
    /// Not a time in one of the accepted notations.
    NotATime,
    /// Not a day in one of the accepted notations.
    NotADay,
    /// A date of birth in the future, or longer ago than anybody lives.
    ImpossibleBirthDate {
        /// The largest age that is believed.
        years: u8,
    },
    /// A valid notation, but no such day or time exists: 30 February, 24:00.
    NoSuchTime,
    /// A time whose year is outside these bounds, both inclusive.
    YearOutOfRange {
        /// The first allowed year.
        min: i32,
        /// The last allowed year.
        max: i32,
    },
    /// Contains NUL, at which a password hash would stop.
    ContainsNul,
    /// Neither a CID nor an http(s) URL that ends in `/ipfs/<CID>`.
    NotAFile,
    /// A password with fewer or more bytes than allowed, both bounds inclusive.
    PasswordLength {
        /// The minimum number of bytes.
        min: usize,
        /// The maximum number of bytes.
        max: usize,
    },
    /// A well-known password: a default, or the installation's initial password.
    DefaultPassword,
    /// Not the same as what was typed before.
    NotRepeated,
}

/// A field and its problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name as the caller wrote it.
    pub field: &'static str,
    /// The problem.
    pub problem: FieldProblem,
}

/// All invalid fields of one input; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} field(s) are invalid", .0.len())]
pub struct Invalid(pub Vec<FieldError>);

impl Invalid {
    /// A single invalid field.
    pub fn one(field: &'static str, problem: FieldProblem) -> Self {
        Self(vec![FieldError { field, problem }])
    }
}

/// Collects field errors while an input is parsed.
#[derive(Debug, Default)]
pub struct Validation {
    errors: Vec<FieldError>,
}

impl Validation {
    /// Returns the value, or notes the problem under the field's name.
    pub fn check<T>(&mut self, field: &'static str, result: Result<T, FieldProblem>) -> Option<T> {
        result.map_err(|problem| self.reject(field, problem)).ok()
    }

    /// Notes a problem under the field's name.
    pub fn reject(&mut self, field: &'static str, problem: FieldProblem) {
        self.errors.push(FieldError { field, problem });
    }

    /// The parsed input, if no problem was noted.
    ///
    /// `None` without a noted problem cannot come from [`Self::check`]; it is returned as invalid, with the
    /// problems noted so far.
    pub fn finish<T>(self, parsed: Option<T>) -> Result<T, Invalid> {
        match parsed {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Invalid(self.errors)),
        }
    }
}
