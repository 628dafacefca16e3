//! Reasons of transitions.

use crate::validation::FieldProblem;

/// The reason of a change: 1 to 500 characters, without surrounding white space.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reason(String);

impl Reason {
    /// Maximum number of characters.
    pub const MAX_CHARS: usize = 500;

    /// Accepts 1 to 500 characters after trimming.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldProblem::Missing);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(FieldProblem::TooLong { max: Self::MAX_CHARS });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_1_to_500_characters() {
        assert_eq!(Reason::parse(" 家人已送医 \n").unwrap().as_str(), "家人已送医");
        assert_eq!(Reason::parse(&format!(" {} ", "因".repeat(500))).unwrap().as_str(), "因".repeat(500));
        for empty in ["", " ", "\u{3000}\n"] {
            assert_eq!(Reason::parse(empty), Err(FieldProblem::Missing));
        }
        assert_eq!(Reason::parse(&"因".repeat(501)), Err(FieldProblem::TooLong { max: 500 }));
    }
}
