//! Forms as browsers send them (`application/x-www-form-urlencoded`).

use actix_web::HttpRequest;
use actix_web::dev::Payload;

use super::body::read_bytes;
use super::request::{FromFields, Parameter, parameters, read_form};
use crate::error::ApiError;

/// A form as it was sent.
#[derive(Debug, Clone, Default)]
pub struct SentForm(Vec<Parameter>);

impl SentForm {
    /// Reads a form of at most `limit` bytes.
    pub async fn read(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Self, ApiError> {
        let body = read_bytes(request, payload, limit).await?;
        let mut parameters = parameters(&String::from_utf8_lossy(&body));
        for parameter in &mut parameters {
            // Browsers send the line breaks of a text like this, whatever was typed.
            parameter.value = parameter.value.take().map(|value| value.replace("\r\n", "\n"));
        }
        Ok(Self(parameters))
    }

    /// Parses its fields; all invalid ones are reported.
    pub fn parse<T: FromFields>(&self, request: &HttpRequest) -> Result<T, ApiError> {
        read_form(request, &self.0)
    }

    /// The first value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Every field and its value, as sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|field| (field.name.as_str(), field.value.as_deref().unwrap_or_default()))
    }
}
