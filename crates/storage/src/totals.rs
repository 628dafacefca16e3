//! What recounting the kept totals finds.

use std::fmt::{self, Display};

use yilin_domain::account::Role;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::InquiryStatus;

/// Which records a kept total counts.
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

/// A kept total that is not the number of records it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{counter}: the kept total is {kept}, but there are {counted}")]
pub struct WrongTotal {
    /// Which records.
    pub counter: Counter,
    /// The total that was kept.
    pub kept: i64,
    /// How many records there are.
    pub counted: u64,
}
