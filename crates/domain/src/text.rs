//! Texts of bounded length.

/// Defines a text type that may be empty and has a maximum number of characters.
macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Maximum number of characters.
            pub const MAX_CHARS: usize = $max;

            /// Accepts text up to [`Self::MAX_CHARS`] characters, the empty text included.
            pub fn parse(text: &str) -> Result<Self, $crate::validation::FieldProblem> {
                if text.chars().count() > Self::MAX_CHARS {
                    return Err($crate::validation::FieldProblem::TooLong { max: Self::MAX_CHARS });
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(crate) use bounded_text;

/// Defines a text type that has something to read, and a maximum number of characters.
macro_rules! required_text {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Maximum number of characters.
            pub const MAX_CHARS: usize = $max;

            /// Accepts text up to [`Self::MAX_CHARS`] characters that is not all white space.
            pub fn parse(text: &str) -> Result<Self, $crate::validation::FieldProblem> {
                if text.trim().is_empty() {
                    return Err($crate::validation::FieldProblem::Missing);
                }
                if text.chars().count() > Self::MAX_CHARS {
                    return Err($crate::validation::FieldProblem::TooLong { max: Self::MAX_CHARS });
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(crate) use required_text;
