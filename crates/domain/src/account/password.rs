use crate::validation::FieldProblem;

/// Passwords that the documentation names, so that everybody knows them.
pub const DEFAULT_PASSWORDS: [&str; 2] = ["admin", "123456"];

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

    /// The one rule for a password that a person chooses, for themselves or somebody else: as
    /// [`Self::parse`], and neither a default nor the installation's initial password. A log-in from
    /// outside the machine refuses the defaults, so an account with one would be locked out.
    pub fn chosen(text: &str, initial_password: &str) -> Result<Self, FieldProblem> {
        let password = Self::parse(text)?;
        if DEFAULT_PASSWORDS.contains(&text) || text == initial_password {
            return Err(FieldProblem::DefaultPassword);
        }
        Ok(password)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_the_initial_password_cannot_be_chosen() {
        let length = FieldProblem::PasswordLength { min: 6, max: 71 };
        for (text, problem) in [
            ("", FieldProblem::Missing),
            ("admin", length.clone()),
            ("12345", length),
            ("123456", FieldProblem::DefaultPassword),
            ("Lin-2026", FieldProblem::DefaultPassword),
            ("abc\0def", FieldProblem::ContainsNul),
        ] {
            assert_eq!(NewPassword::chosen(text, "Lin-2026"), Err(problem), "{text}");
        }
        assert!(NewPassword::chosen("1234567", "Lin-2026").is_ok());
        assert!(NewPassword::chosen("Admin1", "Lin-2026").is_ok());
    }
}
