//! The numbers that stand for states and kinds. They are stored, so they never change.

use yilin_domain::account::{Role, Sex};
use yilin_domain::chat::Speaker;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::file::PinStatus;
use yilin_domain::inquiry::{InquiryStatus, VisitType};
use yilin_domain::port::Quota;

pub(crate) const fn role_code(role: Role) -> i16 {
    match role {
        Role::Patient => 0,
        Role::Physician => 1,
        Role::Admin => 2,
    }
}

/// How many roles there are: their codes are the numbers below it.
pub(crate) const ROLE_CODES: usize = 3;

pub(super) const fn role_of(code: i16) -> Option<Role> {
    match code {
        0 => Some(Role::Patient),
        1 => Some(Role::Physician),
        2 => Some(Role::Admin),
        _ => None,
    }
}

pub(crate) const fn quota_code(quota: Quota) -> i16 {
    match quota {
        Quota::UploadedBytes => 0,
        Quota::PhoneChanges => 1,
    }
}

pub(crate) const fn sex_code(sex: Sex) -> i16 {
    match sex {
        Sex::Male => 0,
        Sex::Female => 1,
    }
}

pub(super) const fn sex_of(code: i16) -> Option<Sex> {
    match code {
        0 => Some(Sex::Male),
        1 => Some(Sex::Female),
        _ => None,
    }
}

pub(crate) const fn visit_type_code(visit_type: VisitType) -> i16 {
    match visit_type {
        VisitType::Home => 0,
        VisitType::Community => 1,
    }
}

pub(crate) const fn visit_type_of(code: i16) -> Option<VisitType> {
    match code {
        0 => Some(VisitType::Home),
        1 => Some(VisitType::Community),
        _ => None,
    }
}

/// In the order of the way: ranges of states are ranges of codes.
pub(crate) const fn inquiry_status_code(status: InquiryStatus) -> i16 {
    match status {
        InquiryStatus::Submitted => 0,
        InquiryStatus::Assigned => 1,
        InquiryStatus::Accepted => 2,
        InquiryStatus::Registered => 3,
        InquiryStatus::Approved => 4,
    }
}

pub(super) const fn inquiry_status_of(code: i16) -> Option<InquiryStatus> {
    match code {
        0 => Some(InquiryStatus::Submitted),
        1 => Some(InquiryStatus::Assigned),
        2 => Some(InquiryStatus::Accepted),
        3 => Some(InquiryStatus::Registered),
        4 => Some(InquiryStatus::Approved),
        _ => None,
    }
}

/// In the order of the way: ranges of states are ranges of codes.
pub(crate) const fn drug_order_status_code(status: DrugOrderStatus) -> i16 {
    match status {
        DrugOrderStatus::Pending => 0,
        DrugOrderStatus::Purchased => 1,
        DrugOrderStatus::Dispatched => 2,
        DrugOrderStatus::Received => 3,
    }
}

pub(super) const fn drug_order_status_of(code: i16) -> Option<DrugOrderStatus> {
    match code {
        0 => Some(DrugOrderStatus::Pending),
        1 => Some(DrugOrderStatus::Purchased),
        2 => Some(DrugOrderStatus::Dispatched),
        3 => Some(DrugOrderStatus::Received),
        _ => None,
    }
}

pub(super) const fn speaker_code(speaker: Speaker) -> i16 {
    match speaker {
        Speaker::System => 0,
        Speaker::User => 1,
        Speaker::Assistant => 2,
    }
}

pub(super) const fn speaker_of(code: i16) -> Option<Speaker> {
    match code {
        0 => Some(Speaker::System),
        1 => Some(Speaker::User),
        2 => Some(Speaker::Assistant),
        _ => None,
    }
}

pub(crate) const fn pin_status_code(status: PinStatus) -> i16 {
    match status {
        PinStatus::Queued => 0,
        PinStatus::Pinned => 1,
    }
}

pub(super) const fn pin_status_of(code: i16) -> Option<PinStatus> {
    match code {
        0 => Some(PinStatus::Queued),
        1 => Some(PinStatus::Pinned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_meanings_agree() {
        for role in [Role::Patient, Role::Physician, Role::Admin] {
            assert_eq!(role_of(role_code(role)), Some(role));
        }
        for sex in [Sex::Male, Sex::Female] {
            assert_eq!(sex_of(sex_code(sex)), Some(sex));
        }
        for visit_type in [VisitType::Home, VisitType::Community] {
            assert_eq!(visit_type_of(visit_type_code(visit_type)), Some(visit_type));
        }
        for status in InquiryStatus::ALL {
            assert_eq!(inquiry_status_of(inquiry_status_code(status)), Some(status));
        }
        for status in DrugOrderStatus::ALL {
            assert_eq!(drug_order_status_of(drug_order_status_code(status)), Some(status));
        }
        assert!(InquiryStatus::ALL.map(inquiry_status_code).is_sorted());
        assert!(DrugOrderStatus::ALL.map(drug_order_status_code).is_sorted());
    }
}
