//! The database's clock, without a query per reading.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{SubsecRound as _, TimeDelta};
use yilin_domain::port::{Clock, PortError};
use yilin_domain::time::Timestamp;

use crate::Storage;

/// The database's clock, shared by all instances: everything they compare (ended sessions, attempts,
/// heartbeats, days) uses it, whatever their system clocks say. Between synchronisations it advances with the
/// machine's monotonic clock, which cannot be set.
pub struct DatabaseClock {
    storage: Storage,
    machine: Arc<dyn Clock>,
    reading: RwLock<ClockSample>,
}

/// The database's time at a monotonic instant.
#[derive(Clone, Copy)]
struct ClockSample {
    time: Timestamp,
    at: Instant,
    /// Offset of the database's clock from the machine's.
    offset: TimeDelta,
}

impl DatabaseClock {
    /// Deviation from the expected time that is ignored: queries take a while, and time should not go back
    /// because of that.
    const TOLERANCE: TimeDelta = TimeDelta::milliseconds(500);

    /// Reads the database's clock for the first time.
    pub async fn start(storage: Storage, machine: Arc<dyn Clock>) -> Result<Self, PortError> {
        let reading = read(&storage, &*machine).await?;
        Ok(Self { storage, machine, reading: RwLock::new(reading) })
    }

    /// Reads the database's clock again. Call it every second.
    pub async fn synchronise(&self) -> Result<(), PortError> {
        let read = read(&self.storage, &*self.machine).await?;
        let mut reading = self.reading.write().unwrap_or_else(PoisonError::into_inner);
        let expected = reading.time + since(reading.at, read.at);
        reading.offset = read.offset;
        if (read.time - expected).abs() > Self::TOLERANCE {
            *reading = read;
        }
        Ok(())
    }

    /// Offset of the database's clock from the machine's.
    pub fn offset(&self) -> TimeDelta {
        self.reading.read().unwrap_or_else(PoisonError::into_inner).offset
    }
}

async fn read(storage: &Storage, machine: &dyn Clock) -> Result<ClockSample, PortError> {
    let asked = Instant::now();
    let time = storage.now().await?;
    let answered = Instant::now();
    let way = answered.saturating_duration_since(asked) / 2;
    let at = answered.checked_sub(way).unwrap_or(answered);
    let offset = time - (machine.now_precisely() - since(at, answered));
    Ok(ClockSample { time, at, offset })
}

fn since(earlier: Instant, later: Instant) -> TimeDelta {
    TimeDelta::from_std(later.saturating_duration_since(earlier)).unwrap_or_default()
}

#[async_trait]
impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        // Rounded down, so that no event is in the future.
        self.now_precisely().trunc_subsecs(0)
    }

    fn now_precisely(&self) -> Timestamp {
        let ClockSample { time, at, .. } = *self.reading.read().unwrap_or_else(PoisonError::into_inner);
        let passed: Duration = at.elapsed();
        (time + TimeDelta::from_std(passed).unwrap_or_default()).trunc_subsecs(6)
    }

    fn offset(&self) -> TimeDelta {
        Self::offset(self)
    }

    async fn sleep(&self, duration: Duration) {
        self.machine.sleep(duration).await;
    }
}
