//! Points in time, and the hospital's calendar.
//!
//! What happened is kept in UTC; an appointment is wall-clock time at the hospital, and stays the
//! same wall-clock time whatever becomes of time zones.

use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;

use crate::validation::FieldProblem;

/// When something happened, in UTC and whole seconds.
pub type Timestamp = DateTime<Utc>;

/// The years in which an appointment may lie, both included.
pub const APPOINTMENT_YEARS: (i32, i32) = (2000, 2100);

/// When a visit takes place: wall-clock time at the hospital, in whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppointmentTime(NaiveDateTime);

impl AppointmentTime {
    /// An appointment at this wall-clock time; seconds are dropped.
    pub fn new(local: NaiveDateTime) -> Result<Self, FieldProblem> {
        let (min, max) = APPOINTMENT_YEARS;
        if !(min..=max).contains(&local.year()) {
            return Err(FieldProblem::YearOutOfRange { min, max });
        }
        let minute =
            local.with_second(0).and_then(|time| time.with_nanosecond(0)).ok_or(FieldProblem::NotATime)?;
        Ok(Self(minute))
    }

    /// The wall-clock time at the hospital.
    pub fn local(self) -> NaiveDateTime {
        self.0
    }
}

/// Renders `YYYY-MM-DD HH:MM`.
impl std::fmt::Display for AppointmentTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.format("%Y-%m-%d %H:%M").fmt(f)
    }
}

/// The hospital's time zone.
#[derive(Debug, Clone, Copy)]
pub struct HospitalZone(pub Tz);

impl HospitalZone {
    /// The calendar day at the hospital.
    pub fn day(self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// How long it is until the next calendar day at the hospital.
    pub fn until_next_day(self, at: Timestamp) -> Duration {
        let local = at.with_timezone(&self.0).naive_local();
        let midnight = local.date().succ_opt().map(|day| day.and_time(NaiveTime::MIN));
        let wait = midnight.and_then(|midnight| (midnight - local).to_std().ok());
        wait.unwrap_or(Duration::from_secs(3600))
    }

    /// Renders `YYYY-MM-DD HH:MM:SS` as the hospital's clock shows it.
    pub fn render(self, at: Timestamp) -> String {
        at.with_timezone(&self.0).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Reads `YYYY-MM-DD HH:MM`, `YYYY-MM-DD HH:MM:SS` (hospital time) or RFC 3339 (converted to
    /// hospital time, because a browser's date picker sends UTC).
    pub fn parse_appointment(self, text: &str) -> Result<AppointmentTime, FieldProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldProblem::Missing);
        }
        let local = DateTime::parse_from_rfc3339(text)
            .map(|time| time.with_timezone(&self.0).naive_local())
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S"))
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"))
            .map_err(|_| FieldProblem::NotATime)?;
        AppointmentTime::new(local)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHANGHAI: HospitalZone = HospitalZone(chrono_tz::Asia::Shanghai);

    #[test]
    fn every_accepted_notation_is_hospital_time() {
        for (text, expected) in [
            ("2024-10-02 20:30", "2024-10-02 20:30"),
            ("2024-10-02 20:30:59", "2024-10-02 20:30"),
            ("2024-10-12T08:30:00.000Z", "2024-10-12 16:30"),
            ("2024-10-12T08:30:00+08:00", "2024-10-12 08:30"),
            ("2024-12-31T23:59:59Z", "2025-01-01 07:59"),
        ] {
            assert_eq!(SHANGHAI.parse_appointment(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_says_why() {
        use FieldProblem::{Missing, NotATime, YearOutOfRange};
        let years = YearOutOfRange { min: 2000, max: 2100 };
        for (text, problem) in [
            ("", Missing),
            ("  ", Missing),
            ("tomorrow", NotATime),
            ("2024-02-30 10:00", NotATime),
            ("2024-10-02", NotATime),
            ("1999-12-31 23:59", years.clone()),
            ("2101-01-01 00:00", years),
        ] {
            assert_eq!(SHANGHAI.parse_appointment(text), Err(problem), "{text}");
        }
    }
}
