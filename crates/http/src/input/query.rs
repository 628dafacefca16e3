use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use url::form_urlencoded;
use yilin_domain::validation::{FieldProblem, Invalid, Validation};

use super::{Paging, parse_id, parse_number};

/// The query string's parameters. An empty one counts as absent; unknown ones are ignored.
pub(crate) struct Query {
    parameters: HashMap<String, String>,
    validation: Validation,
}

impl FromRequest for Query {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parameters = form_urlencoded::parse(request.query_string().as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        ready(Ok(Self { parameters, validation: Validation::default() }))
    }
}

impl Query {
    /// A parameter's text, if it is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A parameter that may be absent.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Option<T> {
        let parsed = self.text(name).map(parse)?;
        self.validation.check(name, parsed)
    }

    /// A parameter that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Option<T> {
        let parsed = self.text(name).map_or(Err(FieldProblem::Missing), parse);
        self.validation.check(name, parsed)
    }

    /// A record's number, which must be there.
    pub(crate) fn id<T>(&mut self, name: &'static str, id: fn(i64) -> T) -> Option<T> {
        self.required(name, |text| parse_id(text.trim())).map(id)
    }

    /// A whole number within bounds.
    pub(crate) fn number(&mut self, name: &'static str, min: i64, max: i64) -> Option<i64> {
        self.optional(name, |text| parse_number(text.trim(), min, max))
    }

    /// A whole number within bounds, which must be there.
    pub(crate) fn required_number(&mut self, name: &'static str, min: i64, max: i64) -> Option<i64> {
        self.required(name, |text| parse_number(text.trim(), min, max))
    }

    /// One of a list's numbered filters; the first of them when the parameter is absent.
    pub(crate) fn choice<T: Clone>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let Some(text) = self.text(name) else { return choices.first().map(|(_, choice)| choice.clone()) };
        let chosen = choices.iter().find(|(number, _)| *number == text).map(|(_, choice)| choice.clone());
        if chosen.is_none() {
            self.validation
                .reject(name, FieldProblem::NotOneOf(choices.iter().map(|(number, _)| *number).collect()));
        }
        chosen
    }

    /// Which page is asked for.
    pub(crate) fn paging(&mut self) -> Paging {
        Paging::read(self)
    }

    /// What was parsed, if nothing was wrong.
    pub(crate) fn finish<T>(self, parsed: Option<T>) -> Result<T, Invalid> {
        self.validation.finish(parsed)
    }
}
