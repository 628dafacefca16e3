use chrono::NaiveDate;

/// A cell that is not empty, as the spreadsheet has it: nothing in it is interpreted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterCell {
    /// Text.
    Text(String),
    /// A number.
    Number {
        /// Its digits, without an exponent.
        value: String,
        /// What the sheet shows by the cell's number format; `None` if the format is not understood.
        shown: Option<String>,
    },
    /// A date.
    Date {
        /// The day; a time of day is left out.
        date: NaiveDate,
        /// What the sheet shows, if the file says so.
        shown: Option<String>,
    },
    /// A formula whose result is not in the file.
    NoResult,
    /// An error value such as `#N/A`, or a truth value, as the sheet shows it.
    NotAValue(String),
    /// Covered by the nearest cell to the left that is not covered, which spans several columns.
    Covered,
}

impl RosterCell {
    /// What the sheet shows; `None` if that is not known.
    pub fn shown(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::NotAValue(text) => Some(text),
            Self::Number { shown, .. } | Self::Date { shown, .. } => shown.as_deref(),
            Self::NoResult => None,
            Self::Covered => Some(""),
        }
    }

    /// The cell as text for a person to look at.
    pub fn to_text(&self) -> String {
        match (self, self.shown()) {
            (_, Some(shown)) => shown.to_owned(),
            (Self::Number { value, .. }, None) => value.clone(),
            (Self::Date { date, .. }, None) => date.to_string(),
            (_, None) => String::new(),
        }
    }

    /// Whether it says nothing: white space is nothing.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Covered => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// Takes text for a cell.
impl From<&str> for RosterCell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
