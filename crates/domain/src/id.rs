//! Identifiers that the database gives out. Gaps in them are normal.

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
    /// Identifies an account inside the database; other records refer to an account by its
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

/// How often a record has been changed, creation included: 1 for a new record. A change is saved
/// only if the stored version is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i32);

impl Version {
    /// The version of a record that has just been created.
    pub const FIRST: Self = Self(1);

    /// The version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
