//! The audit declaration of a route.

use yilin_domain::audit::AuditAction;

/// Whether requests are audited, and how.
pub enum Audit {
    /// The route does not involve personal or medical data.
    NotAudited,
    /// Each request is audited.
    Audited {
        /// The type of access.
        action: AuditAction,
        /// The type of record accessed.
        entity: &'static str,
        /// How a request identifies the record.
        record: Record,
    },
}

/// How a request identifies the record it accesses. The id is taken from the handler's parsed values; records
/// shown in the response take precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// By this parameter or member.
    Field(&'static str),
    /// It accesses the caller's own data.
    Caller,
    /// A search, or no record; the parameters are stored.
    Search,
    /// The handler sets it in the request's context.
    Handler,
}

impl Audit {
    /// Whether requests are audited.
    pub fn is_audited(&self) -> bool {
        matches!(self, Self::Audited { .. })
    }

    /// Whether a request's parameters are stored.
    pub fn is_search(&self) -> bool {
        matches!(self, Self::Audited { record: Record::Search, .. })
    }

    /// Whether this field identifies the record.
    pub fn is_identified_by(&self, field: &str) -> bool {
        matches!(self, Self::Audited { record: Record::Field(name), .. } if *name == field)
    }
}
