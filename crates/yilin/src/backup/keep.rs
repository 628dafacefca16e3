//! Which backups of a folder are kept: the newest of each of some days, weeks and months.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{Datelike as _, NaiveDateTime};

/// How archives in a folder are called, by the time they were made (UTC).
const NAME: &str = "yilin-%Y%m%dT%H%M%SZ.tar.zst";

/// How many days, weeks and months have a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keep {
    daily: usize,
    weekly: usize,
    monthly: usize,
}

/// The text is no number of days, weeks and months.
#[derive(Debug, thiserror::Error)]
#[error("须为 日,周,月，如 7,5,12 / must be DAYS,WEEKS,MONTHS, as 7,5,12, and at least one of them not 0")]
pub(crate) struct NotKeep;

impl std::str::FromStr for Keep {
    type Err = NotKeep;

    fn from_str(text: &str) -> Result<Self, NotKeep> {
        let numbers: Vec<usize> = text
            .split(',')
            .map(|number| number.trim().parse().map_err(|_| NotKeep))
            .collect::<Result<_, _>>()?;
        let &[daily, weekly, monthly] = numbers.as_slice() else { return Err(NotKeep) };
        if daily + weekly + monthly == 0 { Err(NotKeep) } else { Ok(Self { daily, weekly, monthly }) }
    }
}

impl Keep {
    /// What an archive of this time is called.
    pub(crate) fn name_of(made_at: NaiveDateTime) -> String {
        made_at.format(NAME).to_string()
    }

    /// Which of these times are not kept.
    fn superfluous(self, mut times: Vec<NaiveDateTime>) -> Vec<NaiveDateTime> {
        times.sort_unstable_by(|a, b| b.cmp(a));
        let mut kept = BTreeSet::new();
        let mut keep_newest = |number: usize, period: fn(NaiveDateTime) -> (i32, u32)| {
            let mut periods = BTreeSet::new();
            for time in &times {
                if periods.len() < number && periods.insert(period(*time)) {
                    kept.insert(*time);
                }
            }
        };
        keep_newest(self.daily, |time| (time.year(), time.ordinal()));
        keep_newest(self.weekly, |time| (time.iso_week().year(), time.iso_week().week()));
        keep_newest(self.monthly, |time| (time.year(), time.month()));
        times.into_iter().filter(|time| !kept.contains(time)).collect()
    }
}

/// Removes the archives of a folder that are not to be kept; gives them. Files beside archives stay: the service removes
/// none either.
pub(crate) fn prune(folder: &Path, keep: Keep) -> io::Result<Vec<PathBuf>> {
    let names =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    let times = names.iter().filter_map(|name| NaiveDateTime::parse_from_str(name.to_str()?, NAME).ok());
    let removed = keep.superfluous(times.collect()).into_iter().map(|time| folder.join(Keep::name_of(time)));
    removed.map(|path| std::fs::remove_file(&path).map(|()| path)).collect()
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::*;

    #[test]
    fn three_numbers_say_how_many_are_kept() {
        assert_eq!("7,5,12".parse::<Keep>().unwrap(), Keep { daily: 7, weekly: 5, monthly: 12 });
        for text in ["", "7", "7,5", "7,5,12,1", "a,b,c", "-1,0,0", "0,0,0"] {
            assert!(text.parse::<Keep>().is_err(), "{text}");
        }
    }

    #[test]
    fn of_two_years_of_nights_the_days_weeks_and_months_stay() {
        let folder = tempfile::tempdir().unwrap();
        let last = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap().and_hms_opt(2, 30, 0).unwrap();
        for days in 0..730 {
            std::fs::write(folder.path().join(Keep::name_of(last - TimeDelta::days(days))), "").unwrap();
        }
        std::fs::write(folder.path().join("yilin-by-hand.tar.zst"), "").unwrap();
        let keep: Keep = "7,5,12".parse().unwrap();
        prune(folder.path(), keep).unwrap();
        let mut left: Vec<_> = folder
            .path()
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left.pop().unwrap(), "yilin-by-hand.tar.zst", "what is not ours is left alone");
        let days: Vec<_> = left.iter().map(|name| name.get(6..14).unwrap()).collect();
        // The newest of each month, of each week, and seven days.
        let expected = [
            "20251231", "20260131", "20260228", "20260331", "20260430", "20260531", "20260630", "20260731",
            "20260831", "20260930", "20261031", "20261101", "20261108", "20261115", "20261121", "20261122",
            "20261123", "20261124", "20261125", "20261126", "20261127",
        ];
        assert_eq!(days, expected);
        assert!(prune(folder.path(), keep).unwrap().is_empty());
    }
}
