//! The rows of the table.

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Row {
    /// Resident memory, idle and after the load.
    Memory,
    /// The complete list of all inquiries.
    CompleteList,
    /// One inquiry of a random party.
    Record,
    /// The first page of all inquiries.
    FirstPage,
    /// A page in the middle of all inquiries.
    MiddlePage,
    /// The last page of all inquiries.
    LastPage,
    /// The first page of those of patients with a full name.
    FullName,
    /// The first page of those of patients with a surname.
    Surname,
    /// Visits per day, from a week ago.
    Days,
    /// The first page of those whose consultation has ended.
    Ended,
    /// The first page of those that are accepted.
    Accepted,
    /// The first page of those without a physician.
    Submitted,
    /// The first page of those that are assigned.
    Assigned,
    /// The first page of those that wait for approval.
    Registered,
    /// The first page of those that were cancelled.
    Cancelled,
    /// The first page of those that were returned.
    Returned,
    /// The first page of those that are overdue.
    Overdue,
    /// The first page of a physician's own, with a random filter.
    OfPhysician,
    /// The first page of a patient's own, with a random filter.
    OfPatient,
    /// The appointment of another physician.
    Transition,
    /// A new inquiry.
    Create,
    /// A large file into and out of the embedded store.
    Files,
    /// The size of the binary.
    Binary,
}

impl Row {
    /// Every row, in the order of the table.
    pub(crate) fn all() -> &'static [Self] {
        <Self as clap::ValueEnum>::value_variants()
    }

    /// Whether it is a rate of requests.
    pub(crate) const fn is_rate(self) -> bool {
        !matches!(self, Self::Memory | Self::CompleteList | Self::Files | Self::Binary)
    }

    /// Number of clients, unless it is the usual one.
    pub(crate) fn clients(self, usual: usize) -> usize {
        if self == Self::Create { 2 * usual } else { usual }
    }

    /// The `isInquiry` of a list of all inquiries.
    pub(crate) const fn filter(self) -> Option<u8> {
        Some(match self {
            Self::FirstPage => 0,
            Self::Ended => 1,
            Self::Accepted => 2,
            Self::Submitted => 3,
            Self::Assigned => 4,
            Self::Registered => 5,
            Self::Cancelled => 6,
            Self::Returned => 7,
            Self::Overdue => 8,
            _ => return None,
        })
    }

    /// Its name in the table.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::CompleteList => "complete list of all inquiries",
            Self::Record => "`queryInquiryRecordById`",
            Self::FirstPage => "first page of ten, all",
            Self::MiddlePage => "middle page, all",
            Self::LastPage => "last page, all",
            Self::FullName => "search by a patient's full name",
            Self::Surname => "search by a surname",
            Self::Days => "`getInquirySumTypeDay?day=7`",
            Self::Ended => "first page, ended",
            Self::Accepted => "first page, accepted",
            Self::Submitted => "first page, no physician",
            Self::Assigned => "first page, assigned",
            Self::Registered => "first page, to be approved",
            Self::Cancelled => "first page, cancelled",
            Self::Returned => "first page, returned",
            Self::Overdue => "first page, overdue",
            Self::OfPhysician => "first page, a physician's own",
            Self::OfPatient => "first page, a patient's own",
            Self::Transition => "transition: `appointedPhysician`",
            Self::Create => "`createInquiryRecord`",
            Self::Files => "files",
            Self::Binary => "binary",
        }
    }
}
