//! The search among physicians, in forms that ask for one of them.

use std::borrow::Cow;

use yilin_domain::account::{Hospital, PersonName};
use yilin_web::input::Text;
use yilin_web::request;

use crate::form::{Choice, Field};
use crate::texts::Texts;

/// The field with what is searched for, in the form and in an address.
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

/// The search, and the physicians that it found under this name and label. `has_more`: a more precise search would find
/// others.
pub(super) fn fields(
    texts: Texts,
    searched: &str,
    has_more: bool,
    (name, label): (&'static str, &'static str),
    found: Vec<Choice>,
) -> [Field; 2] {
    let search = Field::lookup(FIELD, texts.text("step-search"), 100, texts.text("visits-search"));
    let search = if has_more { search.help(texts.text("step-more-physicians")) } else { search };
    let has_none = found.is_empty();
    let physicians = Field::choices(name, texts.text(label), found);
    let physicians = if has_none { physicians.help(texts.text("step-no-physicians")) } else { physicians };
    [search.value(searched), physicians]
}

/// A physician among those to choose from.
pub(super) fn label(name: &PersonName, hospital: &Hospital) -> Cow<'static, str> {
    let (name, hospital) = (name.as_str(), hospital.as_str());
    if hospital.is_empty() { name.to_owned() } else { format!("{name} · {hospital}") }.into()
}
