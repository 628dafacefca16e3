//! What pages are made of. A part is a view with a template of its own; templates show it like any value.

mod chart;
mod empty;
mod facts;
mod file;
mod icon;
mod pager;
mod person;
mod record_table;
mod size;
mod tabs;
mod tag;
mod timeline;
mod when;

pub(crate) use chart::{Chart, ChartWords};
pub(crate) use empty::{Empty, none_between};
pub(crate) use facts::Facts;
pub(crate) use file::FileView;
pub(crate) use icon::Icon;
pub(crate) use pager::{Pager, total_words, window};
pub(crate) use person::Person;
pub(crate) use record_table::{Cell, RecordRow, RecordTable};
pub(crate) use size::size;
pub(crate) use tabs::{Tabs, tab_name};
pub(crate) use tag::{Tag, Tone};
pub(crate) use timeline::{Timeline, TimelineEntry};
pub(crate) use when::{Clock, When};

/// A part's output is HTML: templates do not escape it again.
macro_rules! markup {
    ($part:ident) => {
        impl askama::filters::HtmlSafe for $part {}
    };
}
pub(crate) use markup;
