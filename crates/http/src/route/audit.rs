//! What the audit log makes of a route.

use yilin_domain::audit::AuditAction;

/// Whether requests leave an entry, and of what kind.
pub(crate) enum Audit {
    /// Nobody's personal or medical data are concerned.
    NotAudited,
    /// Each request leaves an entry.
    Audited {
        /// What is done.
        action: AuditAction,
        /// What kind of record it is done to.
        entity: &'static str,
        /// How the request says to which one.
        record: Record,
    },
}

/// How a request says which record it is about. What it says is taken from the handler's own parsed
/// values; what the answer shows replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    /// In this parameter or member.
    Field(&'static str),
    /// It is about the caller's own data.
    Caller,
    /// It is a search or names no record; its parameters are kept.
    Search,
    /// The handler tells the request's context.
    Handler,
}

impl Audit {
    /// Whether requests leave an entry.
    pub(crate) fn is_audited(&self) -> bool {
        matches!(self, Self::Audited { .. })
    }

    /// Whether a request's parameters are kept.
    pub(crate) fn is_search(&self) -> bool {
        matches!(self, Self::Audited { record: Record::Search, .. })
    }

    /// Whether this field says which record a request is about.
    pub(crate) fn is_identified_by(&self, field: &str) -> bool {
        matches!(self, Self::Audited { record: Record::Field(name), .. } if *name == field)
    }
}
