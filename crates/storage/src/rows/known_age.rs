//! The columns that hold what is known of a person's age.

use chrono::NaiveDate;
use diesel::{Queryable, Selectable};
use yilin_domain::account::{Age, BirthDate, KnownAge};

use super::column_reader::ColumnReader;
use crate::error::Corrupt;
use crate::schema::account;

/// Age, the day on which it was given, and date of birth.
#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
pub(crate) struct KnownAgeColumns {
    pub(super) age: Option<i16>,
    pub(super) age_given_on: Option<NaiveDate>,
    pub(super) birth_date: Option<NaiveDate>,
}

impl KnownAgeColumns {
    pub(super) fn new(known: Option<KnownAge>) -> Self {
        match known {
            None => Self { age: None, age_given_on: None, birth_date: None },
            Some(KnownAge::Born(date)) => {
                Self { age: None, age_given_on: None, birth_date: Some(date.date()) }
            }
            Some(KnownAge::Given { age, on }) => {
                Self { age: Some(age.years().into()), age_given_on: Some(on), birth_date: None }
            }
        }
    }

    pub(super) fn value<K: std::fmt::Display>(
        &self,
        columns: &ColumnReader<K>,
    ) -> Result<Option<KnownAge>, Corrupt> {
        match (self.age, self.age_given_on, self.birth_date) {
            (None, None, None) => Ok(None),
            (None, None, Some(date)) => Ok(Some(KnownAge::Born(BirthDate::accepted(date)))),
            (Some(years), Some(on), None) => {
                let age = columns.value("age", Age::new(years.into()))?;
                Ok(Some(KnownAge::Given { age, on }))
            }
            _ => Err(columns.corrupt("age", "age, age_given_on and birth_date contradict each other")),
        }
    }
}
