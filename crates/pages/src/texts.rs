//! The console's words: one file per language, in Fluent's format.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{LanguageIdentifier, langid};
use yilin_web::error::Language;

const CHINESE: &str = include_str!("../texts/zh.ftl");
const ENGLISH: &str = include_str!("../texts/en.ftl");

static CHINESE_TEXTS: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("zh-CN"), CHINESE));
static ENGLISH_TEXTS: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("en"), ENGLISH));

type Bundle = FluentBundle<FluentResource>;

fn bundle(language: LanguageIdentifier, texts: &str) -> Bundle {
    // A test parses both files, so there are no errors here; if there were, the other messages would still be read.
    let resource = match FluentResource::try_new(texts.to_owned()) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            tracing::error!(?errors, "a file of texts cannot be parsed completely");
            resource
        }
    };
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Marks around inserted values would be copied along with a name or a phone number.
    bundle.set_use_isolating(false);
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!(?errors, "a text is defined more than once");
    }
    bundle
}

/// The texts in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Texts(pub(crate) Language);

impl Texts {
    /// A text without variables.
    pub(crate) fn text(self, key: &'static str) -> Cow<'static, str> {
        self.format(key, None)
    }

    /// A text with one variable.
    pub(crate) fn with(
        self,
        key: &'static str,
        name: &'static str,
        value: impl Display,
    ) -> Cow<'static, str> {
        self.with_all(key, &[(name, &value)])
    }

    /// A text with several variables.
    pub(crate) fn with_all(
        self,
        key: &'static str,
        values: &[(&'static str, &dyn Display)],
    ) -> Cow<'static, str> {
        let values = values.iter().map(|(name, value)| (*name, FluentValue::from(value.to_string())));
        self.format(key, Some(&values.collect()))
    }

    /// A text with several variables, some of which are numbers: texts may depend on those.
    pub(crate) fn with_numbers(
        self,
        key: &'static str,
        numbers: &[(&'static str, i64)],
        values: &[(&'static str, &dyn Display)],
    ) -> Cow<'static, str> {
        let numbers = numbers.iter().map(|(name, number)| (*name, FluentValue::from(*number)));
        let values = values.iter().map(|(name, value)| (*name, FluentValue::from(value.to_string())));
        self.format(key, Some(&numbers.chain(values).collect()))
    }

    /// A text about a number of things, in its variable `n`.
    pub(crate) fn count(self, key: &'static str, number: impl TryInto<u64>) -> Cow<'static, str> {
        let number = number.try_into().unwrap_or(u64::MAX);
        self.format(key, Some(&FluentArgs::from_iter([("n", FluentValue::from(number))])))
    }

    fn format(self, key: &'static str, values: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
        let texts: &'static Bundle = match self.0 {
            Language::Chinese => &CHINESE_TEXTS,
            Language::English => &ENGLISH_TEXTS,
        };
        let Some(pattern) = texts.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, "a text is missing");
            return Cow::Borrowed(key);
        };
        let mut errors = Vec::new();
        let text = texts.format_pattern(pattern, values, &mut errors);
        if !errors.is_empty() {
            tracing::error!(key, ?errors, "a text lacks a value");
        }
        Cow::Owned(text.into_owned())
    }

    /// What is between the items of an enumeration.
    pub(crate) const fn separator(self) -> &'static str {
        match self.0 {
            Language::Chinese => "、",
            Language::English => ", ",
        }
    }

    /// The language, for `lang` and `Content-Language`.
    pub(crate) const fn tag(self) -> &'static str {
        match self.0 {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }
}
