//! The port that searches for people.

use async_trait::async_trait;

use super::PortError;
use crate::account::{Account, PeopleFilter, PersonName, ReservedPhone, Role};
use crate::id::AccountId;
use crate::list::{Slice, Total, Window};

/// Accounts that share a value, and where the search goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing<V> {
    /// The accounts that share each value, at least two of each, in the order of the values. Of a value that very
    /// many share, some.
    pub groups: Vec<(V, Vec<Account>)>,
    /// The value after which the search goes on; `None` at the end.
    pub next: Option<V>,
}

/// Searches over all accounts. Each call reads a bounded number of records, however many there are.
#[async_trait]
pub trait PeopleRepository: Send + Sync {
    /// At most `limit` accounts that meet the filter, newest (largest id) first. Fewer, although there are more, only
    /// if many that do not meet it had to be examined.
    async fn slice(
        &self,
        filter: &PeopleFilter,
        window: Window<AccountId>,
        limit: u16,
    ) -> Result<Slice<Account, AccountId>, PortError>;

    /// The number of accounts that meet the filter. Exact if the role is the only criterion, or if there are at most
    /// [`Total::COUNTED`] and not many others had to be examined.
    async fn total(&self, filter: &PeopleFilter) -> Result<Total, PortError>;

    /// At most `limit` accounts of this role with exactly this name, oldest first.
    async fn namesakes(&self, role: Role, name: &PersonName, limit: u16) -> Result<Vec<Account>, PortError>;

    /// Accounts of this role with the same name, for at most `limit` names after this one (or the first ones), in
    /// bytewise order. May return fewer, or none, and yet go on.
    async fn shared_names(
        &self,
        role: Role,
        after: Option<&PersonName>,
        limit: u16,
    ) -> Result<Sharing<PersonName>, PortError>;

    /// Patients who gave the same phone number to call about a visit, for at most `limit` numbers after this one (or
    /// the first ones), in order. May return fewer, or none, and yet go on.
    async fn shared_phones(
        &self,
        after: Option<&ReservedPhone>,
        limit: u16,
    ) -> Result<Sharing<ReservedPhone>, PortError>;
}
