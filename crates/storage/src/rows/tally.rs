use std::ops::RangeInclusive;

use diesel::Insertable;
use yilin_domain::account::Role;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::InquiryStatus;

use super::code::{drug_order_status_code, inquiry_status_code, role_code};
use crate::schema::tally_delta;

/// A number of records that is kept, so that it need not be counted. Adjacent states have adjacent
/// counters: a range of states is a range of counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counter(i16);

impl Counter {
    /// Inquiries of this status.
    pub(crate) const fn inquiries(status: InquiryStatus) -> Self {
        Self(inquiry_status_code(status))
    }

    /// Drug orders of this status.
    pub(crate) const fn drug_orders(status: DrugOrderStatus) -> Self {
        Self(10 + drug_order_status_code(status))
    }

    /// Accounts of this role.
    pub(crate) const fn accounts(role: Role) -> Self {
        Self(20 + role_code(role))
    }

    /// The counters between these two, as they are stored.
    pub(crate) const fn range(first: Self, last: Self) -> RangeInclusive<i16> {
        first.0..=last.0
    }
}

/// A change of a counter.
#[derive(Insertable, Clone, Copy)]
#[diesel(table_name = tally_delta, treat_none_as_default_value = false)]
pub(crate) struct NewDeltaRow {
    counter: i16,
    n: i64,
}

impl NewDeltaRow {
    pub(crate) const fn new(counter: Counter, n: i64) -> Self {
        Self { counter: counter.0, n }
    }

    /// One record's move from one counter to another.
    pub(crate) const fn moved(from: Counter, to: Counter) -> [Self; 2] {
        [Self::new(from, -1), Self::new(to, 1)]
    }
}
