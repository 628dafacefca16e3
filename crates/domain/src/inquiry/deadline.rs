//! Deadlines of an inquiry's next step.

use chrono::TimeDelta;

use super::{Awaited, InquiryStatus};
use crate::time::{AppointmentTime, HospitalZone, Timestamp};

/// The time allowed for each step; `None` for no deadline.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// From reaching `submitted` until a physician is appointed.
    pub appoint: Option<TimeDelta>,
    /// From reaching `assigned` until the physician answers.
    pub accept: Option<TimeDelta>,
    /// From the appointment time until the consultation is recorded.
    pub record: Option<TimeDelta>,
    /// From reaching `registered` until the hospital approves.
    pub approve: Option<TimeDelta>,
    /// The hospital's time zone, for appointment times.
    pub zone: HospitalZone,
}

impl Deadlines {
    /// The default deadlines.
    pub const fn usual(zone: HospitalZone) -> Self {
        Self {
            appoint: Some(TimeDelta::hours(24)),
            accept: Some(TimeDelta::hours(12)),
            record: Some(TimeDelta::hours(48)),
            approve: Some(TimeDelta::hours(72)),
            zone,
        }
    }

    /// Whether there can be a deadline in this status.
    pub const fn may_apply_to(status: InquiryStatus) -> bool {
        match status.awaits() {
            Some(Awaited::Appointment | Awaited::Answer | Awaited::Record | Awaited::Approval) => true,
            Some(Awaited::Addendum) | None => false,
        }
    }

    /// When the next step is due for an inquiry that reached this status at `since` and is appointed for
    /// `visit`.
    pub fn due_at(
        &self,
        status: InquiryStatus,
        since: Timestamp,
        visit: AppointmentTime,
    ) -> Option<Timestamp> {
        let (from, within) = match status.awaits()? {
            Awaited::Appointment => (since, self.appoint),
            Awaited::Answer => (since, self.accept),
            Awaited::Record => (self.zone.moment(visit), self.record),
            Awaited::Approval => (since, self.approve),
            Awaited::Addendum => return None,
        };
        from.checked_add_signed(within?)
    }
}
