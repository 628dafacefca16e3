//! A form as a page shows it.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::id::Version;
use yilin_domain::validation::Invalid;
use yilin_web::error::{Language, problem_words};

use super::{KEY, LOST, Sent};
use crate::console::Console;
use crate::parts::{Icon, markup};
use crate::texts::Texts;

type Text = Cow<'static, str>;

/// A form with its fields, the values that were typed, and what is wrong with them.
#[derive(Template)]
#[template(path = "parts/form.html")]
pub(crate) struct Form {
    texts: Texts,
    action: String,
    sent: Sent,
    invalid: Vec<(&'static str, String)>,
    hidden: Vec<(&'static str, String)>,
    /// Whose password it sets, for password managers.
    account: Option<String>,
    fields: Vec<Field>,
    /// A problem of the form as a whole.
    refused: Option<Text>,
    submit: Submit,
    back: Option<(String, Text)>,
}
markup!(Form);

/// What is wrong with a form, with links to its fields.
#[derive(Template)]
#[template(path = "parts/summary.html")]
pub(crate) struct Summary<'a> {
    form: &'a Form,
}
impl askama::filters::HtmlSafe for Summary<'_> {}

/// The button that sends a form.
struct Submit {
    text: Text,
    is_dangerous: bool,
}

/// One field.
pub(crate) struct Field {
    name: &'static str,
    label: Text,
    help: Option<Text>,
    value: String,
    problem: Option<String>,
    /// A page that says more about the problem.
    problem_link: Option<(String, Text)>,
    control: Control,
}

/// How a field is entered.
enum Control {
    Line {
        kind: &'static str,
        input_mode: &'static str,
        autocomplete: &'static str,
        max: usize,
    },
    Area {
        max: usize,
    },
    Choices(Vec<Choice>),
    /// A search whose results the next field has; its button shows the form again.
    Lookup {
        max: usize,
        button: Text,
    },
    /// A file of one of these kinds.
    File {
        accept: &'static str,
    },
}

/// One of several values.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: Text,
    pub(crate) help: Option<Text>,
}

impl Field {
    fn new(name: &'static str, label: Text, control: Control) -> Self {
        Self { name, label, help: None, value: String::new(), problem: None, problem_link: None, control }
    }

    /// A line of text.
    pub(crate) fn line(name: &'static str, label: Text, max: usize) -> Self {
        Self::new(name, label, Control::Line { kind: "text", input_mode: "text", autocomplete: "off", max })
    }

    /// Several lines of text.
    pub(crate) fn area(name: &'static str, label: Text, max: usize) -> Self {
        Self::new(name, label, Control::Area { max })
    }

    /// A day and a time.
    pub(crate) fn time(name: &'static str, label: Text) -> Self {
        let control =
            Control::Line { kind: "datetime-local", input_mode: "text", autocomplete: "off", max: 32 };
        Self::new(name, label, control)
    }

    /// A day.
    pub(crate) fn day(name: &'static str, label: Text) -> Self {
        let control = Control::Line { kind: "date", input_mode: "text", autocomplete: "off", max: 32 };
        Self::new(name, label, control)
    }

    /// A whole number.
    pub(crate) fn number(name: &'static str, label: Text) -> Self {
        let control = Control::Line { kind: "text", input_mode: "numeric", autocomplete: "off", max: 20 };
        Self::new(name, label, control)
    }

    /// A phone number.
    pub(crate) fn phone(name: &'static str, label: Text) -> Self {
        Self::new(name, label, Control::Line { kind: "tel", input_mode: "tel", autocomplete: "off", max: 20 })
    }

    /// A password; what was typed is not shown again.
    pub(crate) fn password(name: &'static str, label: Text, autocomplete: &'static str) -> Self {
        Self::new(name, label, Control::Line { kind: "password", input_mode: "text", autocomplete, max: 200 })
    }

    /// One of several values.
    pub(crate) fn choices(name: &'static str, label: Text, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Control::Choices(choices))
    }

    /// A search among what the next field offers.
    pub(crate) fn lookup(name: &'static str, label: Text, max: usize, button: Text) -> Self {
        Self::new(name, label, Control::Lookup { max, button })
    }

    /// A file; its form is sent as `multipart/form-data`. The page's head needs `upload.js`, for the progress.
    pub(crate) fn file(name: &'static str, label: Text, accept: &'static str) -> Self {
        Self::new(name, label, Control::File { accept })
    }

    /// What browsers fill it with.
    pub(crate) fn completed_as(mut self, what: &'static str) -> Self {
        if let Control::Line { autocomplete, .. } = &mut self.control {
            *autocomplete = what;
        }
        self
    }

    /// An explanation, below the label.
    pub(crate) fn help(self, text: Text) -> Self {
        Self { help: Some(text), ..self }
    }

    /// The value before anything was typed.
    pub(crate) fn value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    /// A page that says more about the field's problem, if it has one.
    pub(crate) fn problem_link(self, link: Option<(String, Text)>) -> Self {
        Self { problem_link: link, ..self }
    }

    fn is_password(&self) -> bool {
        matches!(self.control, Control::Line { kind: "password", .. })
    }

    /// Where the error summary leads.
    fn anchor(&self) -> String {
        match &self.control {
            Control::Choices(choices) if !choices.is_empty() => format!("{}-0", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// The texts that describe it, for assistive technology.
    fn described_by(&self) -> String {
        let help = self.help.as_ref().map(|_| format!("{}-help", self.name));
        let problem = self.problem.as_ref().map(|_| format!("{}-problem", self.name));
        problem.into_iter().chain(help).collect::<Vec<_>>().join(" ")
    }
}

impl Form {
    /// A form that is sent to this path. What was `sent` before is shown again.
    pub(crate) fn new(texts: Texts, action: impl Into<String>, sent: &Sent, submit: Text) -> Self {
        Self {
            texts,
            action: action.into(),
            sent: sent.clone(),
            invalid: Vec::new(),
            hidden: Vec::new(),
            account: None,
            fields: Vec::new(),
            refused: None,
            submit: Submit { text: submit, is_dangerous: false },
            back: None,
        }
    }

    /// A form of the console: with a key, so that what is sent twice is done once.
    pub(crate) fn of(console: &Console, action: impl Into<String>, sent: &Sent, submit: Text) -> Self {
        let key = sent.key().map_or_else(|| console.new_form_key(), str::to_owned);
        Self::new(console.texts, action, sent, submit).hidden(KEY, key)
    }

    /// The language of its texts.
    pub(super) fn language(&self) -> Language {
        self.texts.0
    }

    /// What is wrong with what was sent. Call it before adding fields.
    pub(crate) fn refused_for(mut self, invalid: &Invalid) -> Self {
        let words = |problem| problem_words(problem, self.texts.0);
        self.invalid = invalid.0.iter().map(|error| (error.field, words(&error.problem))).collect();
        self
    }

    /// What is wrong with one field. Call it before adding fields.
    pub(crate) fn problem(mut self, name: &'static str, problem: Text) -> Self {
        self.invalid.push((name, problem.into_owned()));
        self
    }

    /// Why it was refused as a whole.
    pub(crate) fn refused(self, why: Text) -> Self {
        Self { refused: Some(why), ..self }
    }

    /// A value that the form carries along.
    pub(crate) fn hidden(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    /// Notes whether a password was typed, where it may also be left out: see [`Sent::lost_password`].
    pub(crate) fn noting_password(self) -> Self {
        if self.sent.has_password() { self.hidden(LOST, "yes") } else { self }
    }

    /// The account whose password it sets.
    pub(crate) fn for_account(self, name: &str) -> Self {
        Self { account: Some(name.to_owned()), ..self }
    }

    /// The version of the record that the page shows.
    pub(crate) fn of_version(self, version: Version) -> Self {
        self.hidden(super::VERSION, version.0.to_string())
    }

    /// Adds several fields.
    pub(crate) fn fields(self, fields: impl IntoIterator<Item = Field>) -> Self {
        fields.into_iter().fold(self, Self::field)
    }

    /// Adds a field.
    pub(crate) fn field(mut self, mut field: Field) -> Self {
        if let Some(typed) = self.sent.value(field.name).filter(|_| !field.is_password()) {
            typed.clone_into(&mut field.value);
        }
        let (own, others) =
            std::mem::take(&mut self.invalid).into_iter().partition(|(name, _)| *name == field.name);
        self.invalid = others;
        let own: Vec<(&str, String)> = own;
        if !own.is_empty() {
            field.problem = Some(own.into_iter().map(|(_, problem)| problem).collect::<Vec<_>>().join("; "));
        }
        self.fields.push(field);
        self
    }

    /// The step is dangerous: its button says so.
    pub(crate) fn dangerous(mut self) -> Self {
        self.submit.is_dangerous = true;
        self
    }

    /// A link that leaves the form without sending it.
    pub(crate) fn or_back(self, path: impl Into<String>, text: Text) -> Self {
        Self { back: Some((path.into(), text)), ..self }
    }

    /// The beginning of the page's title, by which it is told apart from the page before.
    pub(crate) fn title_prefix(&self) -> Text {
        if self.has_problems() { self.texts.text("form-title-prefix") } else { Text::default() }
    }

    /// What is wrong, for the top of the page.
    pub(crate) fn summary(&self) -> Summary<'_> {
        Summary { form: self }
    }

    fn has_file(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.control, Control::File { .. }))
    }

    fn encoding(&self) -> &'static str {
        if self.has_file() { "multipart/form-data" } else { "application/x-www-form-urlencoded" }
    }

    fn has_problems(&self) -> bool {
        self.refused.is_some()
            || !self.invalid.is_empty()
            || self.fields.iter().any(|field| field.problem.is_some())
    }
}
