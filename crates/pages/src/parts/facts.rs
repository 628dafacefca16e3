//! What is known of a record: names and values, and links to change them.

use std::borrow::Cow;

use askama::Template;

use super::{Tag, markup};
use crate::texts::Texts;

type Words = Cow<'static, str>;

/// Names and values.
#[derive(Template)]
#[template(path = "parts/facts.html")]
pub(crate) struct Facts {
    texts: Texts,
    rows: Vec<Fact>,
}
markup!(Facts);

/// A name and its value.
struct Fact {
    name: Words,
    value: Words,
    /// Where the value leads.
    link: Option<String>,
    tag: Option<Tag>,
    /// A page on which it can be changed.
    change: Option<String>,
}

impl Facts {
    /// An empty list.
    pub(crate) const fn new(texts: Texts) -> Self {
        Self { texts, rows: Vec::new() }
    }

    /// Adds a fact.
    pub(crate) fn add(mut self, name: &'static str, value: impl Into<Words>) -> Self {
        let (name, value) = (self.texts.text(name), value.into());
        self.rows.push(Fact { name, value, link: None, tag: None, change: None });
        self
    }

    /// Adds a fact unless it is empty.
    pub(crate) fn add_known(self, name: &'static str, value: impl Into<Words>) -> Self {
        let value = value.into();
        if value.is_empty() { self } else { self.add(name, value) }
    }

    /// The value of the last fact leads there.
    pub(crate) fn linked(mut self, to: Option<String>) -> Self {
        if let Some(fact) = self.rows.last_mut() {
            fact.link = to;
        }
        self
    }

    /// A tag beside the last fact.
    pub(crate) fn tagged(mut self, tag: Option<Tag>) -> Self {
        if let Some(fact) = self.rows.last_mut() {
            fact.tag = tag;
        }
        self
    }

    /// The last fact can be changed on this page.
    pub(crate) fn changed_on(mut self, page: Option<String>) -> Self {
        if let Some(fact) = self.rows.last_mut() {
            fact.change = page;
        }
        self
    }
}

impl Fact {
    fn is_unknown(&self) -> bool {
        self.value.is_empty()
    }
}
