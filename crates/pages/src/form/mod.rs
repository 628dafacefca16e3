//! Forms: what a browser sent, the form that it is sent with, and content that survives a log-in.
//!
//! * `posted` reads what was sent, together with who sent it.
//! * `view` is a form as a page shows it: with the values that were typed, and what is wrong with them.
//! * `refusal` is an error that the form tells.
//! * `kept` is the content of a form whose session had ended.

mod kept;
mod posted;
mod refusal;
mod view;

pub(crate) use kept::Kept;
pub(crate) use posted::{BeforeChangePosted, Posted, Sent};
pub(crate) use refusal::Refusal;
pub(crate) use view::{Choice, Field, Form};

/// Maximum size of a form in bytes. Files are sent separately.
pub(crate) const MAX_FORM_BYTES: usize = 64 * 1024;

/// The field with the key of a form: what is sent twice with it is done once.
const KEY: &str = "form_key";

/// The field with the version of the record that the person saw.
const VERSION: &str = "form_version";

/// The field that says that a password was typed, which the form does not show again.
const LOST: &str = "form_lost";

/// The field with the words on its button, which tell what the form does.
const STEP: &str = "form_step";

/// The field that asks for the form again, with what was entered, instead of doing it: for a search inside the form, and to
/// check it after a log-in.
const AGAIN: &str = "form_again";

/// Whether a field is the form's own, and nothing that a person typed or chose.
pub(crate) fn is_own_field(name: &str) -> bool {
    name.starts_with("form_")
}
