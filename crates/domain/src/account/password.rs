//! Passwords.

use crate::validation::FieldProblem;

/// Well-known passwords, because the documentation names them.
pub const DEFAULT_PASSWORDS: [&str; 2] = ["admin", "123456"];

/// A new password: 6 to 71 bytes. bcrypt uses 72 bytes including its terminator, and passwords are never
/// truncated.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// Minimum length in bytes.
    pub const MIN_BYTES: usize = 6;
    /// Maximum length in bytes.
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

    /// The rule for every password that a person sets, for themselves or another account: like
    /// [`Self::parse`], and not a default or the installation's initial password. Log-ins from other machines
    /// reject the defaults, so an account with one would be locked out.
    pub fn chosen(text: &str, initial_password: &str) -> Result<Self, FieldProblem> {
        let password = Self::parse(text)?;
        if DEFAULT_PASSWORDS.contains(&text) || text == initial_password {
            return Err(FieldProblem::DefaultPassword);
        }
        Ok(password)
    }

    /// The password in clear text, for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// A password hash in the hasher's own format.
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
