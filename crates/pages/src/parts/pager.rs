//! The way through a list.

use std::borrow::Cow;
use std::fmt::Display;

use askama::Template;
use yilin_domain::list::{Slice, Total, Window};

use super::markup;
use crate::paths::with_parameter;
use crate::texts::Texts;

/// Links to newer and older records, and how many there are.
#[derive(Template)]
#[template(path = "parts/pager.html")]
pub(crate) struct Pager {
    texts: Texts,
    newer: Option<String>,
    older: Option<String>,
    total: Cow<'static, str>,
}
markup!(Pager);

impl Pager {
    /// For a part of the list at this address, which has everything but the position.
    pub(crate) fn new<T, C: Display>(texts: Texts, address: &str, slice: &Slice<T, C>, total: Total) -> Self {
        let to = |name, at: &Option<C>| at.as_ref().map(|at| with_parameter(address, name, &at.to_string()));
        Self {
            texts,
            newer: to("newer", &slice.newer),
            older: to("older", &slice.older),
            total: total_words(texts, total),
        }
    }
}

/// The part of a list that an address names.
pub(crate) fn window<C>(newer: Option<C>, older: Option<C>) -> Window<C> {
    match (newer, older) {
        (Some(newer), _) => Window::NewerThan(newer),
        (None, Some(older)) => Window::OlderThan(older),
        (None, None) => Window::Newest,
    }
}

/// How many there are, as far as they are counted.
pub(crate) fn total_words(texts: Texts, total: Total) -> Cow<'static, str> {
    match total {
        Total::Exactly(number) => texts.count("pager-total", number),
        Total::MoreThan(number) => texts.count("pager-more-than", number),
    }
}
