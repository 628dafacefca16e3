//! Identifiers assigned by the database. Gaps are normal.

macro_rules! database_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

pub(crate) use database_id;

database_id!(
    /// Identifies an account inside the database; other records refer to accounts by
    /// [`AccountUuid`](crate::account::AccountUuid).
    AccountId
);
database_id!(
    /// Identifies an inquiry.
    InquiryId
);
database_id!(
    /// Identifies a medical record.
    MedicalRecordId
);
database_id!(
    /// Identifies a drug order.
    DrugOrderId
);

/// Number of changes of a record, including its creation: 1 for a new record. A change is only saved if the
/// stored version is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i32);

impl Version {
    /// The version of a newly created record.
    pub const FIRST: Self = Self(1);

    /// The version after the next change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
