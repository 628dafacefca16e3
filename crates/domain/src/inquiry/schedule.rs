//! Physicians' schedules, and clashing visits.

use chrono::{NaiveDateTime, TimeDelta};

use super::{InquiryStatus, PatientSummary, VisitType};
use crate::account::AccountUuid;
use crate::id::InquiryId;
use crate::time::AppointmentTime;

/// A visit in a physician's schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledVisit {
    /// The inquiry.
    pub id: InquiryId,
    /// When the visit takes place.
    pub appointment_time: AppointmentTime,
    /// The status of the inquiry; never cancelled.
    pub status: InquiryStatus,
    /// Home or community visit.
    pub visit_type: VisitType,
    /// The patient.
    pub patient: PatientSummary,
}

/// A time span of a physician's schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleSpan {
    /// The physician.
    pub physician: AccountUuid,
    /// Its start, in hospital time.
    pub from: NaiveDateTime,
    /// Its end (exclusive), in hospital time.
    pub until: NaiveDateTime,
}

impl ScheduleSpan {
    /// The span of all times closer than `closer_than` to the visit.
    pub fn around(physician: AccountUuid, visit: AppointmentTime, closer_than: TimeDelta) -> Self {
        let (time, minute) = (visit.local(), TimeDelta::minutes(1));
        // Appointments are in whole minutes.
        Self { physician, from: time - closer_than + minute, until: time + closer_than }
    }

    /// Whether the time is in the span.
    pub fn contains(&self, time: AppointmentTime) -> bool {
        (self.from..self.until).contains(&time.local())
    }
}

/// Another visit of the same physician that is too close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clash {
    /// The other inquiry.
    pub id: InquiryId,
    /// The time of that visit.
    pub appointment_time: AppointmentTime,
}
