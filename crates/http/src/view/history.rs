//! The history of a record.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::account::{AccountSummary, AccountUuid};
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderHistoryEntry};
use yilin_domain::inquiry::{InquiryDetails, InquiryHistoryEntry};
use yilin_domain::reason::Reason;
use yilin_domain::time::{AppointmentTime, HospitalZone};
use yilin_domain::transition::HistoryEntry;
use yilin_domain::usecase::{HistoryLine, HistoryOf};
use yilin_web::audit::{Discloses, Disclosure};

use super::inquiry::PhysicianView;
use super::wire::{Uuid, Wire, WireDrugOrderStatus, WireInquiryStatus, WireRole};

/// An account as others see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountSummary)]
pub(super) struct AccountSummaryView {
    uuid: Uuid,
    username: String,
    role: WireRole,
}

impl From<&AccountSummary> for AccountSummaryView {
    fn from(account: &AccountSummary) -> Self {
        Self {
            uuid: account.uuid.into(),
            username: account.username.as_str().to_owned(),
            role: Wire(account.role),
        }
    }
}

/// Declares the history of one kind of record, whose schema names its statuses.
macro_rules! history_views {
    ($(#[$doc:meta])* $view:ident as $schema:ident, $line:ident as $line_schema:ident, $status:ident) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(as = $schema)]
        pub(crate) struct $view {
            /// For the audit log alone.
            #[serde(skip)]
            record: (&'static str, i64, AccountUuid),
            /// The entries, oldest first.
            list: Vec<$line>,
        }

        /// One transition.
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(as = $line_schema)]
        struct $line {
            at: String,
            by: AccountSummaryView,
            /// The status before; `null` for the first entry.
            #[schema(required)]
            from: Option<$status>,
            to: $status,
            /// The reason; empty if none was given.
            reason: String,
            /// The physician after the transition; all fields empty if there is none.
            physician: PhysicianView,
            /// The time of the visit after the transition.
            #[schema(example = "2024-10-02 20:30")]
            appointment_time: String,
        }

        impl Discloses for $view {
            fn disclosure(&self) -> Disclosure {
                let (kind, id, patient) = self.record;
                Disclosure::of(kind, &id, Some(patient))
            }
        }
    };
}

history_views!(
    /// The history of an inquiry.
    InquiryHistoryView as InquiryHistory,
    InquiryHistoryLineView as InquiryHistoryEntry,
    WireInquiryStatus
);
history_views!(
    /// The history of a drug order.
    DrugOrderHistoryView as DrugOrderHistory,
    DrugOrderHistoryLineView as DrugOrderHistoryEntry,
    WireDrugOrderStatus
);

impl InquiryHistoryView {
    pub(crate) fn new(history: &HistoryOf<InquiryDetails, InquiryHistoryEntry>, zone: HospitalZone) -> Self {
        let line = |line: &HistoryLine<InquiryHistoryEntry>| {
            let Shown { at, by, reason, physician, appointment_time } =
                Shown::new(line, line.entry.after, zone);
            let (from, to) = (line.entry.from.map(Wire), Wire(line.entry.to));
            InquiryHistoryLineView { at, by, from, to, reason, physician, appointment_time }
        };
        let inquiry = &history.record.inquiry;
        Self {
            record: ("inquiry", inquiry.id.0, inquiry.patient),
            list: history.lines.iter().map(line).collect(),
        }
    }
}

impl DrugOrderHistoryView {
    pub(crate) fn new(
        history: &HistoryOf<DrugOrderDetails, DrugOrderHistoryEntry>,
        zone: HospitalZone,
    ) -> Self {
        let details = &history.record;
        let line = |line: &HistoryLine<DrugOrderHistoryEntry>| {
            // A visit that has taken place is no longer rescheduled.
            let Shown { at, by, reason, physician, appointment_time } =
                Shown::new(line, details.appointment_time, zone);
            let (from, to) = (line.entry.from.map(Wire), Wire(line.entry.to));
            DrugOrderHistoryLineView { at, by, from, to, reason, physician, appointment_time }
        };
        Self {
            record: ("drug_order", details.order.id.0, details.order.patient),
            list: history.lines.iter().map(line).collect(),
        }
    }
}

/// What both histories show of a transition.
struct Shown {
    at: String,
    by: AccountSummaryView,
    reason: String,
    physician: PhysicianView,
    appointment_time: String,
}

impl Shown {
    fn new<S, A>(line: &HistoryLine<HistoryEntry<S, A>>, visit: AppointmentTime, zone: HospitalZone) -> Self {
        Self {
            at: zone.render(line.entry.at),
            by: (&line.by).into(),
            reason: line.entry.reason.as_ref().map(Reason::as_str).unwrap_or_default().to_owned(),
            physician: line.physician.as_ref().into(),
            appointment_time: visit.to_string(),
        }
    }
}
