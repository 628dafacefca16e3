//! Phone numbers.

use crate::validation::FieldProblem;

/// A mainland-China mobile number: 11 digits starting with 1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Parses 11 digits starting with 1; surrounding white space is dropped.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        match eleven_digits(text)? {
            Some(digits) if digits.starts_with('1') => Ok(Self(digits.to_owned())),
            _ => Err(FieldProblem::NotAPhoneNumber),
        }
    }

    /// The 11 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number with masked middle digits, as `189****2345`: recognisable, but not usable for a call.
    pub fn masked(&self) -> String {
        format!("{}****{}", &self.0[..3], &self.0[7..])
    }
}

/// Shows the masked number: phone numbers do not belong in logs.
impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PhoneNumber({})", self.masked())
    }
}

/// The phone number to call about a visit: any 11 digits, because it may be a landline.
#[derive(Clone, PartialEq, Eq)]
pub struct ReservedPhone(String);

impl ReservedPhone {
    /// Parses 11 digits; surrounding white space is dropped.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        match eleven_digits(text)? {
            Some(digits) => Ok(Self(digits.to_owned())),
            None => Err(FieldProblem::NotElevenDigits),
        }
    }

    /// The 11 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<PhoneNumber> for ReservedPhone {
    fn from(phone: PhoneNumber) -> Self {
        Self(phone.0)
    }
}

impl std::fmt::Debug for ReservedPhone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReservedPhone({}****{})", &self.0[..3], &self.0[7..])
    }
}

fn eleven_digits(text: &str) -> Result<Option<&str>, FieldProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldProblem::Missing);
    }
    Ok(Some(text).filter(|text| text.len() == 11 && text.bytes().all(|byte| byte.is_ascii_digit())))
}
