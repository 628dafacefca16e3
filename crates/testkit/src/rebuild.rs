//! Rebuilds records from their histories, which must suffice for that.

use yilin_domain::drug_order::{DrugOrder, DrugOrderHistoryEntry, DrugOrderState, DrugOrderStatus};
use yilin_domain::inquiry::{
    Deadlines, Inquiry, InquiryHistoryEntry, InquiryState, InquiryStatus, InquiryTransition, StateParts,
};
use yilin_domain::transition::HistoryEntry;

/// The entry that a saved transition adds to the history.
pub fn entry_of(transition: &InquiryTransition) -> InquiryHistoryEntry {
    let (record, provenance) = (&transition.record, &transition.provenance);
    HistoryEntry {
        version: record.version,
        by: provenance.by,
        at: provenance.at,
        reason: provenance.reason.clone(),
        from: Some(transition.from),
        to: record.status(),
        physician: record.physician(),
        after: record.appointment_time,
    }
}

/// The inquiry rebuilt from its history. Only what no transition changes is taken from `same`.
pub fn inquiry(same: &Inquiry, history: &[InquiryHistoryEntry], deadlines: &Deadlines) -> Inquiry {
    let first = history.first().expect("an inquiry has a history");
    let mut inquiry = Inquiry {
        id: same.id,
        version: first.version,
        patient: same.patient,
        visit_type: same.visit_type,
        appointment_time: first.after,
        reserved_phone: same.reserved_phone.clone(),
        detail: same.detail.clone(),
        state: InquiryState::Submitted,
        due_at: deadlines.due_at(InquiryStatus::Submitted, first.at, first.after),
        created_at: first.at,
        updated_at: first.at,
    };
    assert_eq!((first.from, first.to), (None, InquiryStatus::Submitted), "a history begins with the request");
    for entry in history.iter().skip(1) {
        assert_eq!(entry.version, inquiry.version.next(), "one entry for each version");
        assert_eq!(entry.from, Some(inquiry.status()), "each transition starts where the last one ended");
        let is_reached = entry.from != Some(entry.to) || entry.physician != inquiry.physician();
        if is_reached || entry.to == InquiryStatus::Accepted {
            inquiry.due_at = deadlines.due_at(entry.to, entry.at, entry.after);
        }
        inquiry.state = state_after(entry);
        inquiry.version = entry.version;
        inquiry.appointment_time = entry.after;
        inquiry.updated_at = entry.at;
    }
    inquiry
}

/// The reason of a step is kept by the state only where it explains the status.
fn state_after(entry: &InquiryHistoryEntry) -> InquiryState {
    let parts = StateParts {
        status: entry.to,
        physician: entry.physician,
        reason: entry.reason.clone().filter(|_| entry.to.has_reason()),
        cancelled_from: entry.from.filter(|_| entry.to == InquiryStatus::Cancelled),
    };
    InquiryState::of_parts(parts).expect("a history describes states")
}

/// The drug order rebuilt from its history. Only what no transition changes is taken from `same`.
pub fn drug_order(same: &DrugOrder, history: &[DrugOrderHistoryEntry]) -> DrugOrder {
    let first = history.first().expect("a drug order has a history");
    let last = history.last().expect("a drug order has a history");
    let certificate = || last.after.clone().expect("a certificate was given");
    DrugOrder {
        version: last.version,
        physician: last.physician.expect("an order has a physician"),
        state: match last.to {
            DrugOrderStatus::Pending => DrugOrderState::Pending,
            DrugOrderStatus::Purchased => DrugOrderState::Purchased,
            DrugOrderStatus::Dispatched => DrugOrderState::Dispatched { certificate: certificate() },
            DrugOrderStatus::Received => DrugOrderState::Received { certificate: certificate() },
        },
        created_at: first.at,
        updated_at: last.at,
        ..same.clone()
    }
}
