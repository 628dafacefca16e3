//! The steps that the hospital can take.

use super::{Deadlines, Inquiry, Rescheduler};
use crate::account::AccountUuid;
use crate::reason::Reason;
use crate::time::{HospitalZone, Timestamp};
use crate::transition::Provenance;

/// A step of the hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HospitalStep {
    /// Appoint a physician, or another one who has not accepted.
    Appoint,
    /// Assign an accepted visit to another physician.
    Reassign,
    /// Approve a registered consultation.
    Approve,
    /// Return a record for correction.
    Return,
    /// Move the visit to another time.
    Reschedule,
    /// Call the visit off.
    Cancel,
}

impl HospitalStep {
    /// Every step, the likely one of each state first.
    pub const ALL: [Self; 6] =
        [Self::Appoint, Self::Reassign, Self::Approve, Self::Return, Self::Reschedule, Self::Cancel];

    /// Whether the inquiry's state allows it. The machine decides: the step is tried, and its result dropped.
    pub fn is_open(self, inquiry: &Inquiry) -> bool {
        let Ok(reason) = Reason::parse("?") else { return false };
        let by = AccountUuid::from_bytes([0; 4]);
        let provenance = Provenance::new(by, Timestamp::UNIX_EPOCH);
        let deadlines = Deadlines::usual(HospitalZone(chrono_tz::UTC));
        let other = AccountUuid::from_bytes([0xff; 4]);
        let (inquiry, time) = (inquiry.clone(), inquiry.appointment_time);
        match self {
            Self::Appoint => inquiry.appoint(other, provenance, &deadlines).is_ok(),
            Self::Reassign => inquiry.reassign(other, reason, provenance, &deadlines).is_ok(),
            Self::Approve => inquiry.approve(provenance, &deadlines).is_ok(),
            Self::Return => inquiry.return_for_correction(reason, provenance, &deadlines).is_ok(),
            Self::Reschedule => {
                inquiry.reschedule(time, Rescheduler::Hospital, reason, provenance, &deadlines).is_ok()
            }
            Self::Cancel => inquiry.cancel(reason, provenance, &deadlines).is_ok(),
        }
    }
}
