//! Differences found by recounting the stored totals.

use std::fmt::{self, Display};

use yilin_domain::account::Role;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::InquiryStatus;

/// The records that a stored total counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Inquiries of this status.
    Inquiries(InquiryStatus),
    /// Drug orders of this status.
    DrugOrders(DrugOrderStatus),
    /// Accounts of this role.
    Accounts(Role),
}

impl Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inquiries(status) => write!(f, "inquiries in status {}", status.as_str()),
            Self::DrugOrders(status) => write!(f, "drug orders in status {}", status.as_str()),
            Self::Accounts(role) => write!(f, "accounts of role {}", role.as_str()),
        }
    }
}

/// A stored total that differs from the number of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{counter}: the stored total is {kept}, but there are {counted}")]
pub struct WrongTotal {
    /// The records it counts.
    pub counter: Counter,
    /// The stored total.
    pub kept: i64,
    /// The number of records.
    pub counted: u64,
}
