//! Counters and changes of stored totals.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use diesel::Insertable;
use yilin_domain::enumeration::{Enumeration, StatusSet};

use super::code::StoredCode;
use crate::schema::tally_delta;
use crate::totals::{Counter, Part};

/// Number of ids in a span, as a power of two.
const IDS: u32 = 10;
/// Number of spans in a wide span, as a power of two.
const SPANS: u32 = 6;

/// How much one stored number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The records of a span: 1,024 ids, or a day.
    Span,
    /// The records of 64 spans.
    Wide,
    /// All records.
    Whole,
}

impl Level {
    /// Its number in the database.
    pub(crate) const fn code(self) -> i16 {
        match self {
            Self::Span => 0,
            Self::Wide => 1,
            Self::Whole => 2,
        }
    }

    const fn of_code(code: i16) -> Option<Self> {
        match code {
            0 => Some(Self::Span),
            1 => Some(Self::Wide),
            2 => Some(Self::Whole),
            _ => None,
        }
    }

    /// Which of this level's spans a span is in.
    pub(crate) const fn span(self, span: i64) -> i64 {
        match self {
            Self::Span => span,
            Self::Wide => span >> SPANS,
            Self::Whole => 0,
        }
    }

    /// The first and the last of the spans in one of this level's.
    pub(crate) const fn spans(self, span: i64) -> (i64, i64) {
        match self {
            Self::Span => (span, span),
            Self::Wide => (span << SPANS, ((span + 1) << SPANS) - 1),
            Self::Whole => (0, i64::MAX),
        }
    }
}

/// The number of ids in a span.
pub(crate) const IDS_IN_SPAN: u64 = 1 << IDS;

/// The largest id in a span.
pub(crate) const fn last_id_in(span: i64) -> i64 {
    ((span + 1) << IDS) - 1
}

/// A day as a span.
pub(crate) fn span_of_day(day: NaiveDate) -> i64 {
    day.num_days_from_ce().into()
}

/// The day that is this span.
pub(crate) fn day_of_span(span: i64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(span).ok()?)
}

impl Counter {
    /// Its kind and code in the database.
    pub(crate) fn key(self) -> (i16, i16) {
        match self {
            Self::Inquiries(status) => (0, status.code()),
            Self::DrugOrders(status) => (1, status.code()),
            Self::Accounts(role) => (2, role.code()),
            Self::Visits(visit_type) => (3, visit_type.code()),
            Self::DrugOrdersCreated => (4, 0),
        }
    }

    /// The counter of this kind and code.
    pub(crate) fn of_key(kind: i16, code: i16) -> Option<Self> {
        match kind {
            0 => StoredCode::of_code(code).map(Self::Inquiries),
            1 => StoredCode::of_code(code).map(Self::DrugOrders),
            2 => StoredCode::of_code(code).map(Self::Accounts),
            3 => StoredCode::of_code(code).map(Self::Visits),
            4 => (code == 0).then_some(Self::DrugOrdersCreated),
            _ => None,
        }
    }

    const fn is_by_day(self) -> bool {
        match self {
            Self::Inquiries(_) | Self::DrugOrders(_) | Self::Accounts(_) => false,
            Self::Visits(_) | Self::DrugOrdersCreated => true,
        }
    }

    /// The levels at which its numbers are stored.
    pub(crate) const fn levels(self) -> &'static [Level] {
        if self.is_by_day() { &[Level::Span] } else { &[Level::Span, Level::Wide, Level::Whole] }
    }

    /// What one of its numbers counts; `None` if no number of it has this level and span.
    pub(crate) fn part(self, level: i16, span: i64) -> Option<Part> {
        let level = Level::of_code(level).filter(|level| self.levels().contains(level))?;
        if self.is_by_day() {
            return day_of_span(span).map(Part::Day);
        }
        let (first, last) = level.spans(span);
        Some(match level {
            Level::Whole => Part::Everything,
            Level::Span | Level::Wide => Part::Ids { first: first << IDS, last: last_id_in(last) },
        })
    }
}

/// Counters of one kind: their numbers are next to each other in the database.
#[derive(Debug, Clone)]
pub(crate) struct Counters {
    kind: i16,
    /// `None` for every code.
    codes: Option<Vec<i16>>,
}

impl Counters {
    /// The counters of these values; `None` if there are none.
    pub(crate) fn of<T: Enumeration>(counter: fn(T) -> Counter, values: &StatusSet<T>) -> Option<Self> {
        let keys = || values.as_slice().iter().map(|value| counter(*value).key());
        let (kind, _) = keys().next()?;
        let codes = (!values.is_all()).then(|| keys().map(|(_, code)| code).collect());
        Some(Self { kind, codes })
    }

    /// Every counter of the same kind as this one.
    pub(crate) fn like(counter: Counter) -> Self {
        let (kind, _) = counter.key();
        Self { kind, codes: None }
    }

    /// A single one.
    pub(crate) fn one(counter: Counter) -> Self {
        let (kind, code) = counter.key();
        Self { kind, codes: Some(vec![code]) }
    }

    /// Their kind in the database.
    pub(crate) fn kind(&self) -> i16 {
        self.kind
    }

    /// Their codes in the database; none for every code of the kind.
    pub(crate) fn codes(&self) -> &[i16] {
        self.codes.as_deref().unwrap_or_default()
    }
}

/// A change of stored totals.
#[derive(Insertable, Clone, Copy)]
#[diesel(table_name = tally_delta, treat_none_as_default_value = false)]
pub(crate) struct NewDeltaRow {
    kind: i16,
    code: i16,
    span: i64,
    n: i64,
}

impl NewDeltaRow {
    fn new(counter: Counter, span: i64, n: i64) -> Self {
        let (kind, code) = counter.key();
        Self { kind, code, span, n }
    }

    /// A change by the record with this id.
    pub(crate) fn of_record(counter: Counter, id: i64, n: i64) -> Self {
        Self::new(counter, id >> IDS, n)
    }

    /// A change on this day.
    pub(crate) fn on_day(counter: Counter, day: NaiveDate, n: i64) -> Self {
        Self::new(counter, span_of_day(day), n)
    }

    /// The changes by the record with this id, which moves from one counter to another.
    pub(crate) fn moved(from: Counter, to: Counter, id: i64) -> [Self; 2] {
        [Self::of_record(from, id, -1), Self::of_record(to, id, 1)]
    }

    /// The same changes, with one row for each number.
    pub(crate) fn summed(changes: impl Iterator<Item = Self>) -> Vec<Self> {
        let mut sums = BTreeMap::<(i16, i16, i64), i64>::new();
        for Self { kind, code, span, n } in changes {
            *sums.entry((kind, code, span)).or_default() += n;
        }
        sums.into_iter().map(|((kind, code, span), n)| Self { kind, code, span, n }).collect()
    }
}
