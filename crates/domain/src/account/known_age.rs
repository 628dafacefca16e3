//! What is known of a person's age, and the age on a day.

use chrono::NaiveDate;

use super::birth_date::full_years;
use super::{Age, BirthDate};

/// What is known of a person's age, which changes by itself as time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KnownAge {
    /// The date of birth.
    Born(BirthDate),
    /// The age on a day of the hospital's. It grows by one with each full year after that day.
    Given {
        /// The age as it was given.
        age: Age,
        /// The day on which it was given.
        on: NaiveDate,
    },
}

impl KnownAge {
    /// The date of birth where that is known, else the age as given on this day.
    pub fn of(birth_date: Option<BirthDate>, age: Option<Age>, today: NaiveDate) -> Option<Self> {
        birth_date.map(Self::Born).or(age.map(|age| Self::Given { age, on: today }))
    }

    /// The age on a day; none after the largest age that is believed.
    pub fn on(self, day: NaiveDate) -> Option<Age> {
        match self {
            Self::Born(birth_date) => birth_date.age_on(day),
            Self::Given { age, on } => Age::new(i64::from(age.years()) + full_years(on, day).max(0)).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_age_that_was_given_grows_with_each_full_year() {
        let given = |years, on| KnownAge::Given { age: Age::new(years).unwrap(), on: day(on) };
        for (known, today, expected) in [
            (given(72, "2026-11-27"), "2026-11-27", Some(72)),
            (given(72, "2026-11-27"), "2027-11-26", Some(72)),
            (given(72, "2026-11-27"), "2027-11-27", Some(73)),
            (given(72, "2024-02-29"), "2025-02-28", Some(72)),
            (given(72, "2024-02-29"), "2025-03-01", Some(73)),
            // A clock that was ahead when the age was given makes nobody younger.
            (given(72, "2026-11-27"), "2020-01-01", Some(72)),
            (given(150, "2026-11-27"), "2027-11-26", Some(150)),
            (given(150, "2026-11-27"), "2027-11-27", None),
        ] {
            assert_eq!(known.on(day(today)).map(Age::years), expected, "{known:?} {today}");
        }
    }

    #[test]
    fn the_date_of_birth_counts_for_more_than_an_age() {
        let (today, age) = (day("2026-11-27"), Age::new(20).ok());
        let born = BirthDate::new(day("1990-11-28"), today).ok();
        assert_eq!(
            KnownAge::of(born, age, today).and_then(|known| known.on(today)).map(Age::years),
            Some(35)
        );
        assert_eq!(KnownAge::of(None, age, today), Some(KnownAge::Given { age: age.unwrap(), on: today }));
        assert_eq!(KnownAge::of(None, None, today), None);
    }
}
