//! Cells of a roster.

use chrono::NaiveDate;

/// A non-empty cell as stored in the spreadsheet, not interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterCell {
    /// Text.
    Text(String),
    /// A number.
    Number {
        /// Its digits, without an exponent.
        value: String,
        /// The text displayed by the cell's number format; `None` if the format is not supported.
        shown: Option<String>,
    },
    /// A date.
    Date {
        /// The date; a time of day is dropped.
        date: NaiveDate,
        /// The displayed text, if the file has it.
        shown: Option<String>,
    },
    /// A formula whose result is not in the file.
    NoResult,
    /// An error value such as `#N/A`, or a boolean, as displayed.
    NotAValue(String),
    /// Covered by the nearest uncovered cell to the left, which spans several columns.
    Covered,
}

impl RosterCell {
    /// The displayed text; `None` if it is unknown.
    pub fn shown(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::NotAValue(text) => Some(text),
            Self::Number { shown, .. } | Self::Date { shown, .. } => shown.as_deref(),
            Self::NoResult => None,
            Self::Covered => Some(""),
        }
    }

    /// The cell as text for people to read.
    pub fn to_text(&self) -> String {
        match (self, self.shown()) {
            (_, Some(shown)) => shown.to_owned(),
            (Self::Number { value, .. }, None) => value.clone(),
            (Self::Date { date, .. }, None) => date.to_string(),
            (_, None) => String::new(),
        }
    }

    /// Whether it is blank, which includes white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Covered => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// A text cell.
impl From<&str> for RosterCell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
