//! Points in time, and the hospital's calendar.
//!
//! Events are stored in UTC; an appointment is wall-clock time at the hospital, and stays the same wall-clock
//! time even if time zone rules change.

use std::time::Duration;

use chrono::format::ParseErrorKind;
use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, Timelike,
    Utc,
};
use chrono_tz::Tz;

use crate::validation::FieldProblem;

/// A point in time, in UTC and whole seconds.
pub type Timestamp = DateTime<Utc>;

/// The years in which an appointment may lie, both inclusive.
pub const APPOINTMENT_YEARS: (i32, i32) = (2000, 2100);

/// Offset between the database's clock and an instance's above which operators are warned.
pub const CLOCKS_MAY_DIFFER: TimeDelta = TimeDelta::seconds(5);

/// The time of a visit: wall-clock time at the hospital, in whole minutes.
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
        write!(f, "{} {:02}:{:02}", self.0.date(), self.0.hour(), self.0.minute())
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

    /// Time until the next calendar day at the hospital.
    pub fn until_next_day(self, at: Timestamp) -> Duration {
        let local = at.with_timezone(&self.0).naive_local();
        let midnight = local.date().succ_opt().map(|day| day.and_time(NaiveTime::MIN));
        let wait = midnight.and_then(|midnight| (midnight - local).to_std().ok());
        wait.unwrap_or(Duration::from_secs(3600))
    }

    /// When it is this time at the hospital. A wall-clock time that does not exist, because clocks are
    /// advanced over it, is the first one after that; of two, it is the earlier one.
    pub fn moment(self, time: AppointmentTime) -> Timestamp {
        let local = time.local();
        let on_clock = |local: NaiveDateTime| local.and_local_timezone(self.0).earliest();
        // The largest such gap of any zone is a day, where an island changed sides of the date line.
        let later = (0..=48).filter_map(|halves| local.checked_add_signed(TimeDelta::minutes(30 * halves)));
        later.into_iter().find_map(on_clock).map_or_else(|| local.and_utc(), |time| time.to_utc())
    }

    /// When this calendar day begins at the hospital.
    pub fn start_of(self, day: NaiveDate) -> Timestamp {
        self.moment(AppointmentTime(day.and_time(NaiveTime::MIN)))
    }

    /// Reads a calendar day: `YYYY-MM-DD`, or the day of any time that [`Self::parse_appointment`] reads.
    pub fn parse_day(self, text: &str) -> Result<NaiveDate, FieldProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldProblem::Missing);
        }
        if let Some(time) = absolute(text)? {
            return Ok(self.day(time.to_utc()));
        }
        match local(text) {
            Err(FieldProblem::NotATime) => day(text),
            local => Ok(local?.date()),
        }
    }

    /// Renders `YYYY-MM-DD HH:MM:SS` in hospital time.
    pub fn render(self, at: Timestamp) -> String {
        // Several per record: chrono would parse a format each time.
        at.with_timezone(&self.0).naive_local().trunc_subsecs(0).to_string()
    }

    /// Parses a point in time: a day, `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS` in hospital time, or RFC
    /// 3339.
    pub fn parse_moment(self, text: &str) -> Result<Timestamp, FieldProblem> {
        let text = text.trim();
        if let Some(time) = absolute(text)? {
            return Ok(time.to_utc());
        }
        let local = match local(text) {
            Err(FieldProblem::NotATime) => day(text)?.into(),
            local => local?,
        };
        let time = local.and_local_timezone(self.0).earliest().ok_or(FieldProblem::NoSuchTime)?;
        Ok(time.to_utc())
    }

    /// Parses `YYYY-MM-DD HH:MM`, with or without seconds (hospital time), or RFC 3339 (converted to hospital
    /// time, because browsers' date pickers send UTC). `T` and `/` as separators and one-digit months, days
    /// and hours are also accepted: other pickers write them.
    pub fn parse_appointment(self, text: &str) -> Result<AppointmentTime, FieldProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldProblem::Missing);
        }
        AppointmentTime::new(match absolute(text)? {
            Some(time) => time.with_timezone(&self.0).naive_local(),
            None => local(text)?,
        })
    }
}

/// A moment as the hospital's clock and calendar show it.
#[derive(Debug, Clone, Copy)]
pub struct HospitalTime {
    /// The hospital's time zone.
    pub zone: HospitalZone,
    /// The moment.
    pub now: Timestamp,
}

impl HospitalTime {
    /// The calendar day.
    pub fn today(self) -> NaiveDate {
        self.zone.day(self.now)
    }

    /// The wall-clock time.
    pub fn local(self) -> NaiveDateTime {
        self.now.with_timezone(&self.zone.0).naive_local()
    }

    /// See [`HospitalZone::render`].
    pub fn render(self, at: Timestamp) -> String {
        self.zone.render(at)
    }
}

/// A time with its UTC offset (RFC 3339); `None` if the text does not have that format.
fn absolute(text: &str) -> Result<Option<DateTime<FixedOffset>>, FieldProblem> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => Ok(Some(time)),
        Err(error) if does_not_exist(error) => Err(FieldProblem::NoSuchTime),
        Err(_) => Ok(None),
    }
}

/// A wall-clock time.
fn local(text: &str) -> Result<NaiveDateTime, FieldProblem> {
    let text = with_dashes(text).ok_or(FieldProblem::NotATime)?.replacen('T', " ", 1);
    for format in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"] {
        match NaiveDateTime::parse_from_str(&text, format) {
            Ok(time) => return Ok(time),
            Err(error) if does_not_exist(error) => return Err(FieldProblem::NoSuchTime),
            Err(_) => {}
        }
    }
    Err(FieldProblem::NotATime)
}

/// A calendar day.
fn day(text: &str) -> Result<NaiveDate, FieldProblem> {
    let text = with_dashes(text).ok_or(FieldProblem::NotATime)?;
    NaiveDate::parse_from_str(&text, "%Y-%m-%d").map_err(|error| {
        if does_not_exist(error) { FieldProblem::NoSuchTime } else { FieldProblem::NotATime }
    })
}

/// A date with slashes replaced by dashes. The year comes first and has four digits: anything else is another
/// notation.
fn with_dashes(text: &str) -> Option<String> {
    let text = text.replace('/', "-");
    let (year, _) = text.split_once('-')?;
    (year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// Whether the notation is valid, but the day or time does not exist.
fn does_not_exist(error: chrono::ParseError) -> bool {
    matches!(error.kind(), ParseErrorKind::OutOfRange | ParseErrorKind::Impossible)
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
            ("2027-01-15T09:30", "2027-01-15 09:30"),
            ("2027-01-15T09:30:15", "2027-01-15 09:30"),
            ("2027/1/5 9:30", "2027-01-05 09:30"),
            ("2027-1-5 9:05", "2027-01-05 09:05"),
            ("2027/01/05T09:30", "2027-01-05 09:30"),
        ] {
            assert_eq!(SHANGHAI.parse_appointment(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn instants_are_rendered_in_hospital_time_to_the_second() {
        for (text, expected) in [
            ("2026-01-02T03:04:05Z", "2026-01-02 11:04:05"),
            ("2026-12-31T16:00:00.999Z", "2027-01-01 00:00:00"),
        ] {
            let at = DateTime::parse_from_rfc3339(text).unwrap().to_utc();
            assert_eq!(SHANGHAI.render(at), expected, "{text}");
        }
    }

    #[test]
    fn an_appointment_is_an_instant_in_the_hospitals_zone() {
        let moment = |zone: Tz, text: &str| {
            let zone = HospitalZone(zone);
            zone.moment(zone.parse_appointment(text).unwrap()).to_rfc3339()
        };
        assert_eq!(moment(chrono_tz::Asia::Shanghai, "2026-11-27 08:30"), "2026-11-27T00:30:00+00:00");
        // Clocks go from 2:00 to 3:00, and from 3:00 back to 2:00.
        assert_eq!(moment(chrono_tz::Europe::Berlin, "2026-03-29 02:30"), "2026-03-29T01:00:00+00:00");
        assert_eq!(moment(chrono_tz::Europe::Berlin, "2026-10-25 02:30"), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn a_day_is_read_in_every_notation_of_a_time() {
        for text in
            ["2026-11-27", "2026/11/27", "2026-11-27 08:30", "2026-11-27T00:00", "2026-11-26T16:00:00Z"]
        {
            let day = SHANGHAI.parse_day(text).unwrap();
            assert_eq!(day.to_string(), "2026-11-27", "{text}");
        }
        assert_eq!(SHANGHAI.parse_day(""), Err(FieldProblem::Missing));
        assert_eq!(SHANGHAI.parse_day("2026-02-30"), Err(FieldProblem::NoSuchTime));
        assert_eq!(SHANGHAI.parse_day("yesterday"), Err(FieldProblem::NotATime));
    }

    #[test]
    fn invalid_times_are_reported() {
        use FieldProblem::{Missing, NoSuchTime, NotATime, YearOutOfRange};
        let years = YearOutOfRange { min: 2000, max: 2100 };
        for (text, problem) in [
            ("", Missing),
            ("  ", Missing),
            ("tomorrow", NotATime),
            ("2024-02-30 10:00", NoSuchTime),
            ("2023-02-29 10:00", NoSuchTime),
            ("2023-02-29T10:00:00Z", NoSuchTime),
            ("2024-10-02 24:00", NoSuchTime),
            ("2024-10-02 20:60", NoSuchTime),
            ("2024-10-02 20:30 junk", NotATime),
            ("02/10/2024 20:30", NotATime),
            ("2024-10-02", NotATime),
            ("1999-12-31 23:59", years.clone()),
            ("2101-01-01 00:00", years),
        ] {
            assert_eq!(SHANGHAI.parse_appointment(text), Err(problem), "{text}");
        }
    }
}
