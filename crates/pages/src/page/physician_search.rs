//! The search among physicians, on pages that ask for one of them.

use std::borrow::Cow;

use yilin_domain::account::{Hospital, PersonName};
use yilin_web::input::Text;
use yilin_web::request;

/// The field with what is searched for, in the address and in the form.
pub(super) const FIELD: &str = "physician_name";

request! {
    /// A search among physicians.
    pub(crate) struct Search {
        /// A part of a name or a phone number.
        physician_name: Option<Text>,
    }
}

impl Search {
    /// What is searched for.
    pub(super) fn text(self) -> String {
        self.physician_name.map(|Text(name)| name).unwrap_or_default()
    }
}

/// The search's form.
pub(super) struct PhysicianSearch {
    /// Where it leads.
    pub(super) path: String,
    /// What was searched for.
    pub(super) text: String,
    /// Whether a more precise search would find others.
    pub(super) has_more: bool,
}

/// A physician among those to choose from.
pub(super) fn label(name: &PersonName, hospital: &Hospital) -> Cow<'static, str> {
    let (name, hospital) = (name.as_str(), hospital.as_str());
    if hospital.is_empty() { name.to_owned() } else { format!("{name} · {hospital}") }.into()
}
