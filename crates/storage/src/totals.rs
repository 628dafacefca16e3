//! Stored totals, and differences found by recounting them.

use std::fmt::{self, Display};

use chrono::NaiveDate;
use yilin_domain::account::Role;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::{InquiryStatus, VisitType};

/// The records that a stored total counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Inquiries of this status.
    Inquiries(InquiryStatus),
    /// Drug orders of this status.
    DrugOrders(DrugOrderStatus),
    /// Accounts of this role.
    Accounts(Role),
    /// Inquiries for visits of this type, by the day of the appointment.
    Visits(VisitType),
    /// Drug orders, by the day on which they were created.
    DrugOrdersCreated,
}

impl Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inquiries(status) => write!(f, "inquiries in status {}", status.as_str()),
            Self::DrugOrders(status) => write!(f, "drug orders in status {}", status.as_str()),
            Self::Accounts(role) => write!(f, "accounts of role {}", role.as_str()),
            Self::Visits(visit_type) => write!(f, "visits of type {}", visit_type.as_str()),
            Self::DrugOrdersCreated => f.write_str("drug orders created"),
        }
    }
}

/// Which of a counter's records one stored total counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of them.
    Everything,
    /// Those with an id in this range.
    Ids {
        /// The smallest id.
        first: i64,
        /// The largest id.
        last: i64,
    },
    /// Those of a day.
    Day(NaiveDate),
}

impl Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => Ok(()),
            Self::Ids { first, last } => write!(f, " with ids {first} to {last}"),
            Self::Day(day) => write!(f, " on {day}"),
        }
    }
}

/// A stored total that differs from the number of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{counter}{part}: the stored total is {kept}, but there are {counted}")]
pub struct WrongTotal {
    /// The records it counts.
    pub counter: Counter,
    /// Which of them.
    pub part: Part,
    /// The stored total.
    pub kept: i64,
    /// The number of records.
    pub counted: u64,
}
