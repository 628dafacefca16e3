use std::time::Duration;

use chrono::TimeDelta;

use super::RosterFault;
use crate::account::AccountUuid;
use crate::time::Timestamp;

/// Identifies an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportJobId(u128);

impl ImportJobId {
    /// The id of these random bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// Reads 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let plausible = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        plausible.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(Self)
    }
}

/// Renders 32 hexadecimal digits.
impl std::fmt::Display for ImportJobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What is done with the rows of a roster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Only tells what would happen.
    pub dry_run: bool,
    /// Imports all rows, or none if one of them cannot be.
    pub atomic: bool,
}

/// How far an import has got, in rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Rows of the file, as far as it has been read.
    pub total: u64,
    /// Rows that became accounts; in a dry run, that would.
    pub imported: u64,
    /// Rows whose phone number is taken.
    pub skipped: u64,
    /// Rows that have to be corrected.
    pub failed: u64,
}

/// What has become of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// It goes on.
    Running,
    /// Every row has been looked at.
    Done,
    /// The file cannot be imported; or, without a fault of the file, the service failed. What had
    /// been imported stays.
    Failed(Option<RosterFault>),
    /// Whoever ran it has not been heard of for a while. What had been imported stays.
    Interrupted,
}

/// An import, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportJob {
    /// Its id.
    pub id: ImportJobId,
    /// Who started it.
    pub started_by: AccountUuid,
    /// What is done with the rows.
    pub options: ImportOptions,
    /// What has become of it, as it was stored: see [`Self::state_at`].
    pub state: ImportState,
    /// How far it has got. Stored together with the accounts, so it is exact whatever happens.
    pub counts: ImportCounts,
    /// When it started.
    pub started_at: Timestamp,
    /// When it was last heard of.
    pub heard_at: Timestamp,
}

impl ImportJob {
    /// The interval between the heartbeats of a running import.
    pub const HEARTBEAT: Duration = Duration::from_secs(5);
    /// How long an import counts as running without a heartbeat.
    pub const PATIENCE: TimeDelta = TimeDelta::seconds(30);

    /// What has become of it, by this time.
    pub fn state_at(&self, now: Timestamp) -> ImportState {
        if self.state == ImportState::Running && now - self.heard_at > Self::PATIENCE {
            return ImportState::Interrupted;
        }
        self.state
    }
}
