//! Account uuids.

use crate::validation::FieldProblem;

/// The identifier of an account outside its own row: 8 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountUuid(u32);

impl AccountUuid {
    /// The uuid with these four random bytes.
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }

    /// Its four bytes.
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// Parses 8 hexadecimal digits of either case.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        if text.is_empty() {
            return Err(FieldProblem::Missing);
        }
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(FieldProblem::NotAUuid);
        }
        u32::from_str_radix(text, 16).map(Self).map_err(|_| FieldProblem::NotAUuid)
    }
}

/// Renders 8 lower-case hexadecimal digits.
impl std::fmt::Display for AccountUuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl std::fmt::Debug for AccountUuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccountUuid({self})")
    }
}
