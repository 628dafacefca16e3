//! Why a form was not done, told in the form itself, so that nothing that was typed is lost.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::ResponseError as _;
use actix_web::http::StatusCode;
use yilin_domain::error::Error;
use yilin_domain::validation::Invalid;
use yilin_web::error::ApiError;

use super::Form;

/// An error that a form tells.
pub(crate) struct Refusal {
    error: ApiError,
    /// The field it is about; none if it is about the form as a whole.
    field: Option<&'static str>,
    /// Instead of the error's own words.
    words: Option<Cow<'static, str>>,
    /// A hidden field of the form: sent again with it, the form is done.
    confirmation: Option<(&'static str, String)>,
}

impl Refusal {
    /// An error that a person can do something about in the form; any other is given back, for a page of its own.
    pub(crate) fn of(error: Error) -> Result<Self, ApiError> {
        let field = match &error {
            Error::PhoneTaken | Error::TooManyPhoneChanges { .. } => Some("phone"),
            Error::AdminNameTaken => Some("username"),
            Error::Invalid(_)
            | Error::KeyMismatch
            | Error::PersonMayExist
            | Error::LastAdmin
            | Error::Changed
            | Error::Contended
            | Error::LoginRefused(_) => None,
            _ => return Err(error.into()),
        };
        Ok(Self { error: error.into(), field, words: None, confirmation: None })
    }

    /// A problem of one field that no use case knows of.
    pub(crate) fn about(field: &'static str, words: Cow<'static, str>) -> Self {
        let error = Invalid(Vec::new()).into();
        Self { error, field: Some(field), words: Some(words), confirmation: None }
    }

    /// The same, unless the person sends the form again as it is: then it has this hidden field.
    pub(crate) fn unless_confirmed(self, name: &'static str, value: String) -> Self {
        Self { confirmation: Some((name, value)), ..self }
    }

    /// The same about this field.
    pub(crate) fn at(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// The same in other words.
    pub(crate) fn in_words(self, words: Cow<'static, str>) -> Self {
        Self { words: Some(words), ..self }
    }

    /// Whether another account has the phone number.
    pub(crate) fn is_phone_taken(&self) -> bool {
        matches!(self.error, ApiError::Domain(Error::PhoneTaken))
    }

    /// The status of the form's page.
    pub(crate) fn status(&self) -> StatusCode {
        match &self.error {
            // Nothing is wrong: it was asked for again.
            ApiError::Domain(Error::Invalid(invalid)) if invalid.0.is_empty() && self.words.is_none() => {
                StatusCode::OK
            }
            error => error.status_code(),
        }
    }

    /// When to try again.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.error.retry_after()
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self { error: invalid.into(), field: None, words: None, confirmation: None }
    }
}

impl Form {
    /// Why it was refused, if it was. Call it before adding fields.
    pub(crate) fn refused_with(self, refusal: Option<&Refusal>) -> Self {
        let Some(Refusal { error, field, words, confirmation }) = refusal else { return self };
        if let (ApiError::Domain(Error::Invalid(invalid)), None) = (error, words) {
            return self.refused_for(invalid);
        }
        let words = words.clone().unwrap_or_else(|| error.message(self.language()).into());
        let form = match field {
            Some(field) => self.problem(field, words),
            None => self.refused(words),
        };
        confirmation.iter().fold(form, |form, (name, value)| form.hidden(name, value.as_str()))
    }
}
