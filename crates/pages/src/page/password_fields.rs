//! The fields of a new password, which is typed twice because nobody sees it.

use std::borrow::Cow;

use yilin_domain::account::NewPassword;
use yilin_domain::validation::{FieldError, FieldProblem, Invalid};
use yilin_web::request;

use crate::form::{Field, Sent};
use crate::texts::Texts;

const PASSWORD: &str = "password";
const AGAIN: &str = "password_again";

request! {
    /// A new password.
    pub(crate) struct NewPasswordFields {
        /// The password.
        password: NewPassword,
    }
}

/// Both fields, with this explanation.
pub(super) fn fields(texts: Texts, help: Cow<'static, str>) -> [Field; 2] {
    labelled(texts.text("password-new"), texts, help)
}

/// The same where a password may be left out.
pub(super) fn optional_fields(texts: Texts, help: Cow<'static, str>) -> [Field; 2] {
    labelled(texts.with("form-optional", "label", texts.text("password-new")), texts, help)
}

fn labelled(label: Cow<'static, str>, texts: Texts, help: Cow<'static, str>) -> [Field; 2] {
    let new = |name, label| Field::password(name, label, "new-password");
    [new(PASSWORD, label).help(help), new(AGAIN, texts.text("password-again"))]
}

/// The fields of a form, if the password was typed twice. That it was not is reported together with what is invalid.
pub(super) fn typed_twice<T>(fields: Result<T, Invalid>, sent: &Sent) -> Result<T, Invalid> {
    let typed = |name| sent.value(name).unwrap_or_default();
    let mut problems = fields.as_ref().err().map(|invalid| invalid.0.clone()).unwrap_or_default();
    let is_bad = problems.iter().any(|problem| problem.field == PASSWORD);
    if !is_bad && typed(PASSWORD) != typed(AGAIN) {
        problems.push(FieldError { field: AGAIN, problem: FieldProblem::NotRepeated });
    }
    match fields {
        Ok(fields) if problems.is_empty() => Ok(fields),
        _ => Err(Invalid(problems)),
    }
}
