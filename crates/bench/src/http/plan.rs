//! What the visits of a hospital look like: every property of a visit follows from its number.

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::inquiry::{Deadlines, InquiryStatus};
use yilin_domain::time::{AppointmentTime, Timestamp};

use super::dice::Dice;
use crate::hospital::ZONE;

/// Requests of the last months, in equal numbers per day.
const REQUESTED_WITHIN: TimeDelta = TimeDelta::days(240);
/// Visits are booked at most so many days ahead, most of them a few weeks.
const BOOKED_AHEAD: u64 = 90;
/// How often a person asks for a visit in that time, and a physician's number of patients.
const VISITS_PER_PATIENT: u64 = 7;
const PATIENTS_PER_PHYSICIAN: u64 = 400;

const DEADLINES: Deadlines = Deadlines::usual(ZONE);

/// The visits of a hospital.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Their number.
    pub(crate) visits: u64,
    /// When they are as planned.
    pub(crate) now: Timestamp,
}

/// A visit.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Its number, from 1: its id.
    pub(crate) id: u64,
    /// The patient's place among patients, and the physician's.
    pub(crate) patient: u64,
    pub(crate) physician: u64,
    pub(crate) is_home: bool,
    pub(crate) time: NaiveDateTime,
    /// The last step; the first was the request.
    pub(crate) steps: Vec<Step>,
    /// The drug order, once the consultation is recorded.
    pub(crate) drugs: Option<DrugOrderStatus>,
    pub(crate) due_at: Option<Timestamp>,
}

/// A step of a visit or of a drug order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<S = InquiryStatus> {
    pub(crate) from: Option<S>,
    pub(crate) to: S,
    pub(crate) at: Timestamp,
}

impl Plan {
    /// Number of patients.
    pub(crate) fn patients(self) -> u64 {
        (self.visits / VISITS_PER_PATIENT).max(200)
    }

    /// Number of physicians.
    pub(crate) fn physicians(self) -> u64 {
        (self.patients() / PATIENTS_PER_PHYSICIAN).max(20)
    }

    /// The day at the hospital.
    pub(crate) fn today(self) -> chrono::NaiveDate {
        ZONE.day(self.now)
    }

    /// All visits.
    pub(crate) fn all(self) -> impl Iterator<Item = Visit> {
        (1..=self.visits).map(move |id| self.visit(id))
    }

    fn visit(self, id: u64) -> Visit {
        let dice = Dice::new(id);
        let requested = self.requested(id);
        let first_day = ZONE.day(requested);
        let days = chrono::Days::new(dice.rather_low(BOOKED_AHEAD) + 1);
        let hour = TimeDelta::hours(8) + TimeDelta::minutes(30) * i32::try_from(dice.below(20)).unwrap_or(0);
        let day = first_day.checked_add_days(days).unwrap_or(first_day);
        let time = day.and_time(chrono::NaiveTime::MIN) + hour;
        let status = self.status(&dice, requested, time);
        let steps = self.steps(&dice, status, requested, time);
        let reached = steps.last().map_or(requested, |step| step.at);
        Visit {
            id,
            patient: dice.below(self.patients()),
            physician: dice.below(self.physicians()),
            is_home: dice.below(10) < 6,
            time,
            drugs: drugs(&dice, status),
            due_at: AppointmentTime::new(time)
                .ok()
                .and_then(|visit| DEADLINES.due_at(status, reached, visit)),
            steps,
        }
    }

    fn requested(self, id: u64) -> Timestamp {
        let seconds = i128::from(REQUESTED_WITHIN.num_seconds());
        let ago = seconds * i128::from(self.visits - id) / i128::from(self.visits.max(1));
        self.now - TimeDelta::seconds(i64::try_from(ago).unwrap_or_default()) - TimeDelta::minutes(15)
    }

    /// New requests wait, later visits are accepted, past ones are over; some are late at each step.
    fn status(self, dice: &Dice, requested: Timestamp, time: NaiveDateTime) -> InquiryStatus {
        use InquiryStatus::{Accepted, Approved, Assigned, Cancelled, Registered, Returned, Submitted};
        let today = self.today();
        let shares: &[(u64, InquiryStatus)] = if self.now - requested < TimeDelta::days(2) {
            &[(45, Submitted), (35, Assigned), (20, Accepted)]
        } else if time.date() >= today {
            &[(1, Submitted), (1, Assigned), (90, Accepted), (8, Cancelled)]
        } else if today - time.date() <= TimeDelta::days(3) {
            &[(15, Accepted), (45, Registered), (32, Approved), (8, Cancelled)]
        } else {
            &[(1, Accepted), (2, Registered), (1, Returned), (88, Approved), (8, Cancelled)]
        };
        dice.by_percent(shares).unwrap_or(Approved)
    }

    fn steps(
        self,
        dice: &Dice,
        status: InquiryStatus,
        requested: Timestamp,
        time: NaiveDateTime,
    ) -> Vec<Step> {
        use InquiryStatus::{Accepted, Approved, Assigned, Cancelled, Registered, Returned, Submitted};
        let visited = AppointmentTime::new(time).map_or(requested, |visit| ZONE.moment(visit));
        let hours = |number| TimeDelta::hours(number);
        let way = [
            (Submitted, requested),
            (Assigned, requested + hours(2)),
            (Accepted, requested + hours(5)),
            (Registered, visited + hours(1)),
        ];
        let (before, last) = match status {
            Submitted => (0, (Submitted, requested)),
            Assigned => (1, (Assigned, requested + hours(2))),
            Accepted => (2, (Accepted, requested + hours(5))),
            Registered => (3, (Registered, visited + hours(1))),
            Approved | Returned => (4, (status, visited + hours(25))),
            // Before it had a physician, before the physician accepted, or after.
            Cancelled => {
                (1 + usize::try_from(dice.below(3)).unwrap_or_default(), (Cancelled, requested + hours(20)))
            }
        };
        let mut steps: Vec<Step> = Vec::with_capacity(way.len() + 1);
        for (to, at) in way.into_iter().take(before).chain([last]) {
            let from = steps.last().map(|step| step.to);
            steps.push(Step { from, to, at: at.min(self.now) });
        }
        steps
    }

    /// The steps of the drug order of a visit, the first of which is made with the record.
    pub(crate) fn drug_steps(self, visit: &Visit) -> Vec<Step<DrugOrderStatus>> {
        use DrugOrderStatus::{Dispatched, Pending, Purchased, Received};
        let (Some(last), Some(recorded)) = (visit.drugs, visit.recorded_at()) else { return Vec::new() };
        let mut steps = Vec::new();
        for (to, days) in [(Pending, 0), (Purchased, 1), (Dispatched, 2), (Received, 4)] {
            let from = steps.last().map(|step: &Step<DrugOrderStatus>| step.to);
            steps.push(Step { from, to, at: (recorded + TimeDelta::days(days)).min(self.now) });
            if to == last {
                break;
            }
        }
        steps
    }
}

fn drugs(dice: &Dice, status: InquiryStatus) -> Option<DrugOrderStatus> {
    use DrugOrderStatus::{Dispatched, Pending, Purchased, Received};
    let is_approved = status == InquiryStatus::Approved;
    let wanted = status.has_ended() && dice.below(100) < 45;
    let shares = [(5, Pending), (5, Purchased), (10, Dispatched), (80, Received)];
    wanted.then(|| dice.by_percent(&shares).filter(|_| is_approved).unwrap_or(Pending))
}

impl Visit {
    /// The status.
    pub(crate) fn status(&self) -> InquiryStatus {
        self.steps.last().map_or(InquiryStatus::Submitted, |step| step.to)
    }

    /// Whether a physician is known: not of one that was never appointed.
    pub(crate) fn has_physician(&self) -> bool {
        self.steps.iter().any(|step| step.to == InquiryStatus::Assigned)
    }

    /// When it was requested.
    pub(crate) fn requested_at(&self) -> Timestamp {
        self.steps.first().map_or(DateTime::UNIX_EPOCH, |step| step.at)
    }

    /// When the consultation was recorded, if it was.
    pub(crate) fn recorded_at(&self) -> Option<Timestamp> {
        self.steps.iter().find(|step| step.to == InquiryStatus::Registered).map(|step| step.at)
    }
}
