use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use yilin_domain::port::Part;

/// How many lines about a part are written in each period.
const LINES: u64 = 5;
const PERIOD: Duration = Duration::from_secs(1);

/// Bounds the lines that tell that a part is down: while it is, every request would write one.
#[derive(Default)]
pub(crate) struct OutageLog(Mutex<HashMap<Part, Period>>);

struct Period {
    began: Instant,
    written: u64,
    /// Lines that were left out, and that nobody has been told of.
    left_out: u64,
}

impl OutageLog {
    /// Whether a line about this part may be written now. One that may not is counted.
    pub(crate) fn admits(&self, part: Part, now: Instant) -> bool {
        let mut periods = self.lock();
        let period = periods.entry(part).or_insert(Period { began: now, written: 0, left_out: 0 });
        if period.is_over(now) {
            *period = Period { began: now, written: 0, ..*period };
        }
        let admitted = period.written < LINES;
        *(if admitted { &mut period.written } else { &mut period.left_out }) += 1;
        admitted
    }

    /// How many lines were left out in periods that are over, to be told now: each is given once.
    pub(crate) fn left_out(&self, now: Instant) -> Vec<(Part, u64)> {
        let mut periods = self.lock();
        let over = periods.extract_if(|_, period| period.is_over(now));
        over.filter(|(_, period)| period.left_out > 0).map(|(part, period)| (part, period.left_out)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Part, Period>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Period {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.began) >= PERIOD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATABASE: Part = Part::Database;

    fn admitted(log: &OutageLog, part: Part, lines: u64, now: Instant) -> usize {
        (0..lines).filter(|_| log.admits(part, now)).count()
    }

    #[test]
    fn an_outage_writes_a_few_lines_a_second_and_tells_how_many_more_there_were() {
        let (log, start) = (OutageLog::default(), Instant::now());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(admitted(&log, DATABASE, 100, at(0)), 5);
        assert_eq!(admitted(&log, DATABASE, 10, at(999)), 0);
        assert_eq!(log.left_out(at(999)), [], "the second is not over");
        assert_eq!(log.left_out(at(1000)), [(DATABASE, 105)]);
        assert_eq!(log.left_out(at(1000)), [], "it is told once");
        assert_eq!(admitted(&log, DATABASE, 7, at(1000)), 5);
        assert_eq!(admitted(&log, DATABASE, 7, at(2500)), 5, "what was not told yet is not forgotten");
        assert_eq!(log.left_out(at(3500)), [(DATABASE, 4)]);
    }

    #[test]
    fn few_lines_are_all_written_and_parts_do_not_count_together() {
        let (log, start) = (OutageLog::default(), Instant::now());
        assert_eq!(admitted(&log, DATABASE, 5, start), 5);
        assert_eq!(admitted(&log, Part::FileStore, 5, start), 5);
        assert_eq!(log.left_out(start + PERIOD), []);
    }
}
