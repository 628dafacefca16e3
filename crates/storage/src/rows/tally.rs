//! Counters and changes of stored totals.

use diesel::Insertable;

use super::code::StoredCode;
use crate::schema::tally_delta;
use crate::totals::Counter;

/// First number of each kind of counter. The codes of each kind are below ten.
const INQUIRIES: i16 = 0;
const DRUG_ORDERS: i16 = 10;
const ACCOUNTS: i16 = 20;

impl Counter {
    /// Its number in the database.
    pub(crate) fn number(self) -> i16 {
        match self {
            Self::Inquiries(status) => INQUIRIES + status.code(),
            Self::DrugOrders(status) => DRUG_ORDERS + status.code(),
            Self::Accounts(role) => ACCOUNTS + role.code(),
        }
    }

    /// The counter with this number.
    pub(crate) fn of_number(number: i16) -> Option<Self> {
        match number {
            INQUIRIES..DRUG_ORDERS => StoredCode::of_code(number - INQUIRIES).map(Self::Inquiries),
            DRUG_ORDERS..ACCOUNTS => StoredCode::of_code(number - DRUG_ORDERS).map(Self::DrugOrders),
            ACCOUNTS..=i16::MAX => StoredCode::of_code(number - ACCOUNTS).map(Self::Accounts),
            _ => None,
        }
    }
}

/// A change of a stored total.
#[derive(Insertable, Clone, Copy)]
#[diesel(table_name = tally_delta, treat_none_as_default_value = false)]
pub(crate) struct NewDeltaRow {
    counter: i16,
    n: i64,
}

impl NewDeltaRow {
    pub(crate) fn new(counter: Counter, n: i64) -> Self {
        Self { counter: counter.number(), n }
    }

    /// The changes for one record that moves from one counter to another.
    pub(crate) fn moved(from: Counter, to: Counter) -> [Self; 2] {
        [Self::new(from, -1), Self::new(to, 1)]
    }
}
