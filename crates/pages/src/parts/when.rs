//! Times, as people say them; the full time is the element's title, and what is printed.

use std::borrow::Cow;

use askama::Template;
use chrono::{Datelike as _, NaiveDateTime};
use yilin_domain::time::{AppointmentTime, HospitalTime, Timestamp};

use super::markup;
use crate::texts::Texts;

/// A time.
#[derive(Template, Debug, Clone)]
#[template(ext = "html", source = r#"<time datetime="{{ machine }}" title="{{ full }}">{{ short }}</time>"#)]
pub(crate) struct When {
    machine: String,
    pub(crate) full: String,
    pub(crate) short: Cow<'static, str>,
}
markup!(When);

/// Writes times as a reader would say them now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) time: HospitalTime,
    pub(crate) texts: Texts,
}

impl Clock {
    /// The time of a visit.
    pub(crate) fn visit(self, at: AppointmentTime) -> When {
        self.local(at.local())
    }

    /// When something happened, or will be due.
    pub(crate) fn moment(self, at: Timestamp) -> When {
        self.local(at.with_timezone(&self.time.zone.0).naive_local())
    }

    fn local(self, at: NaiveDateTime) -> When {
        let full = at.format("%Y-%m-%d %H:%M").to_string();
        When { machine: full.replace(' ', "T"), short: self.short(at), full }
    }

    fn short(self, at: NaiveDateTime) -> Cow<'static, str> {
        let (today, texts) = (self.time.today(), self.texts);
        let time = at.format("%H:%M").to_string();
        let days = (at.date() - today).num_days();
        match days {
            0 => texts.with("time-today", "time", time),
            1 => texts.with("time-tomorrow", "time", time),
            -1 => texts.with("time-yesterday", "time", time),
            2..=6 => texts.with_numbers("time-in-days", &[("days", days)], &[("time", &time)]),
            -6..=-2 => texts.with_numbers("time-days-ago", &[("days", -days)], &[("time", &time)]),
            _ if at.year() == today.year() => texts.with_numbers(
                "time-this-year",
                &[("month", at.month().into()), ("day", at.day().into())],
                &[("time", &time)],
            ),
            _ => at.format("%Y-%m-%d %H:%M").to_string().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use yilin_domain::time::HospitalZone;
    use yilin_web::error::Language;

    use super::*;

    #[test]
    fn times_are_written_as_people_say_them() {
        let now = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap().and_hms_opt(8, 0, 0).unwrap().and_utc();
        let time = HospitalTime { zone: HospitalZone(chrono_tz::Asia::Shanghai), now };
        let short = |language, text: &str| {
            let at = time.zone.parse_appointment(text).unwrap();
            Clock { time, texts: Texts(language) }.visit(at).short.into_owned()
        };
        for (text, chinese, english) in [
            ("2026-11-27 09:30", "今天 09:30", "today 09:30"),
            ("2026-11-28 09:30", "明天 09:30", "tomorrow 09:30"),
            ("2026-11-26 23:59", "昨天 23:59", "yesterday 23:59"),
            ("2026-11-30 09:30", "3 天后 09:30", "in 3 days, 09:30"),
            ("2026-11-22 09:30", "5 天前 09:30", "5 days ago, 09:30"),
            ("2026-01-05 09:30", "1月5日 09:30", "5 January, 09:30"),
            ("2026-10-21 15:00", "10月21日 15:00", "21 October, 15:00"),
            ("2027-01-05 09:30", "2027-01-05 09:30", "2027-01-05 09:30"),
        ] {
            assert_eq!(short(Language::Chinese, text), chinese);
            assert_eq!(short(Language::English, text), english);
        }
    }

    #[test]
    fn every_month_has_its_english_name() {
        let names = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let now = NaiveDate::from_ymd_opt(2028, 2, 29).unwrap().and_hms_opt(8, 0, 0).unwrap().and_utc();
        let time = HospitalTime { zone: HospitalZone(chrono_tz::Asia::Shanghai), now };
        let clock = Clock { time, texts: Texts(Language::English) };
        for (month, name) in (1..).zip(names) {
            let at = time.zone.parse_appointment(&format!("2028-{month:02}-15 09:30")).unwrap();
            assert_eq!(clock.visit(at).short, format!("15 {name}, 09:30"));
        }
    }
}
