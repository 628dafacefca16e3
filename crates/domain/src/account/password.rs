use crate::validation::FieldProblem;

/// A password that may be set: 6 to 71 bytes. bcrypt looks at 72 bytes including its terminator,
/// and nothing is ever cut off.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// The fewest bytes a password may have.
    pub const MIN_BYTES: usize = 6;
    /// The most bytes a password may have.
    pub const MAX_BYTES: usize = 71;

    /// Accepts 6 to 71 bytes, none of them NUL.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        if text.is_empty() {
            return Err(FieldProblem::Missing);
        }
        if !(Self::MIN_BYTES..=Self::MAX_BYTES).contains(&text.len()) {
            return Err(FieldProblem::PasswordLength { min: Self::MIN_BYTES, max: Self::MAX_BYTES });
        }
        if text.contains('\0') {
            return Err(FieldProblem::ContainsNul);
        }
        Ok(Self(text.to_owned()))
    }

    /// The password itself, to be hashed.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// A password's hash, in the hasher's own notation.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}
