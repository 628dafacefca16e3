//! Dates of birth.

use chrono::{Datelike as _, Months, NaiveDate};

use super::Age;
use crate::validation::FieldProblem;

/// A person's date of birth: not in the future, and at most [`Age::MAX`] years ago, as of the day it was
/// given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthDate(NaiveDate);

impl BirthDate {
    /// Accepts a date that is valid as of `today`, the hospital's current day.
    pub fn new(date: NaiveDate, today: NaiveDate) -> Result<Self, FieldProblem> {
        let earliest = today.checked_sub_months(Months::new(12 * u32::from(Age::MAX)));
        if date > today || earliest.is_some_and(|earliest| date < earliest) {
            return Err(FieldProblem::ImpossibleBirthDate { years: Age::MAX });
        }
        Ok(Self(date))
    }

    /// A date that was accepted on an earlier day.
    pub const fn accepted(date: NaiveDate) -> Self {
        Self(date)
    }

    /// The date.
    pub const fn date(self) -> NaiveDate {
        self.0
    }

    /// The age on a day in full years; a person born on 29 February completes a year on 1 March in other
    /// years. `None` on days before the birth, or beyond the maximum age.
    pub fn age_on(self, day: NaiveDate) -> Option<Age> {
        Age::new(full_years(self.0, day)).ok()
    }
}

pub(super) fn full_years(from: NaiveDate, to: NaiveDate) -> i64 {
    let years = i64::from(to.year()) - i64::from(from.year());
    let is_before_birthday = (to.month(), to.day()) < (from.month(), from.day());
    years - i64::from(is_before_birthday)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn ages_are_full_years() {
        for (birth, today, age) in [
            ("1990-01-05", "2026-01-04", Some(35)),
            ("1990-01-05", "2026-01-05", Some(36)),
            ("2026-11-27", "2026-11-27", Some(0)),
            ("2000-02-29", "2026-02-28", Some(25)),
            ("2000-02-29", "2026-03-01", Some(26)),
            ("1876-11-27", "2026-11-27", Some(150)),
            ("1876-11-26", "2026-11-27", None),
            ("2026-11-28", "2026-11-27", None),
        ] {
            let parsed = BirthDate::new(day(birth), day(today));
            let told = parsed.ok().and_then(|birth| birth.age_on(day(today))).map(Age::years);
            assert_eq!(told, age, "{birth} {today}");
        }
    }
}
