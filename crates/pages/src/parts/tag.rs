//! Tags: a state in words.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::InquiryStatus;

use super::markup;
use crate::texts::Texts;

/// How much attention something needs. Words always say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Accent,
    Warning,
    Danger,
    Success,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "tag-plain",
            Self::Accent => "tag-accent",
            Self::Warning => "tag-warning",
            Self::Danger => "tag-danger",
            Self::Success => "tag-success",
        }
    }
}

/// A state in words.
#[derive(Template)]
#[template(ext = "html", source = r#"<span class="tag {{ tone.class() }}">{{ text }}</span>"#)]
pub(crate) struct Tag {
    pub(crate) tone: Tone,
    pub(crate) text: Cow<'static, str>,
}
markup!(Tag);

impl Tag {
    /// The status of a visit.
    pub(crate) fn of_inquiry(status: InquiryStatus, texts: Texts) -> Self {
        let (tone, key) = match status {
            InquiryStatus::Submitted => (Tone::Warning, "status-submitted"),
            InquiryStatus::Assigned => (Tone::Plain, "status-assigned"),
            InquiryStatus::Accepted => (Tone::Accent, "status-accepted"),
            InquiryStatus::Registered => (Tone::Warning, "status-registered"),
            InquiryStatus::Returned => (Tone::Danger, "status-returned"),
            InquiryStatus::Approved => (Tone::Success, "status-approved"),
            InquiryStatus::Cancelled => (Tone::Plain, "status-cancelled"),
        };
        Self { tone, text: texts.text(key) }
    }

    /// The status of a drug order.
    pub(crate) fn of_drug_order(status: DrugOrderStatus, texts: Texts) -> Self {
        let (tone, key) = match status {
            DrugOrderStatus::Pending => (Tone::Warning, "status-pending"),
            DrugOrderStatus::Purchased => (Tone::Plain, "status-purchased"),
            DrugOrderStatus::Dispatched => (Tone::Accent, "status-dispatched"),
            DrugOrderStatus::Received => (Tone::Success, "status-received"),
        };
        Self { tone, text: texts.text(key) }
    }

    /// The account is disabled.
    pub(crate) fn disabled(texts: Texts) -> Self {
        Self { tone: Tone::Plain, text: texts.text("status-disabled") }
    }

    /// The next step is overdue.
    pub(crate) fn overdue(texts: Texts) -> Self {
        Self { tone: Tone::Danger, text: texts.text("status-overdue") }
    }
}
