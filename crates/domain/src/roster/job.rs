//! Imports and their progress.

use std::time::Duration;

use chrono::TimeDelta;

use super::RosterFault;
use crate::account::AccountUuid;
use crate::time::Timestamp;

/// Identifies an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportJobId(u128);

impl ImportJobId {
    /// The id with these random bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// Parses 32 hexadecimal digits.
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

/// Options of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Only reports what would happen.
    pub dry_run: bool,
    /// Imports all rows, or none if any of them fails.
    pub atomic: bool,
}

/// Progress of an import, in rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Rows read from the file so far.
    pub total: u64,
    /// Rows imported as accounts; in a dry run, rows that would be.
    pub imported: u64,
    /// Rows whose phone number is taken.
    pub skipped: u64,
    /// Rows that must be corrected.
    pub failed: u64,
}

/// What of a file an import does not use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportRemarks {
    /// Unrecognised headers, with the names of their sheets; those are empty for CSV.
    pub unknown_columns: Vec<(String, String)>,
    /// Sheets that are skipped because none of their headers is recognised.
    pub ignored_sheets: Vec<String>,
}

/// The state of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// In progress.
    Running,
    /// Every row has been processed.
    Done,
    /// The file cannot be imported or, if there is no fault, the service failed. Accounts already imported
    /// are kept.
    Failed(Option<RosterFault>),
    /// No heartbeat for a while. Accounts already imported are kept.
    Interrupted,
}

/// A stored import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportJob {
    /// Its id.
    pub id: ImportJobId,
    /// The account that started it.
    pub started_by: AccountUuid,
    /// Its options.
    pub options: ImportOptions,
    /// Its state as stored: see [`Self::state_at`].
    pub state: ImportState,
    /// Its progress. Stored together with the accounts, so it is always exact.
    pub counts: ImportCounts,
    /// Time of the start.
    pub started_at: Timestamp,
    /// Time of the last heartbeat.
    pub last_heartbeat_at: Timestamp,
    /// Whether an instance holds the file of this dry run, so that it can be imported without being sent again.
    pub holds_file: bool,
    /// The dry run whose file this import was started with.
    pub follows: Option<ImportJobId>,
}

impl ImportJob {
    /// The interval between the heartbeats of a running import.
    pub const HEARTBEAT: Duration = Duration::from_secs(5);
    /// How long an import counts as running without a heartbeat.
    pub const PATIENCE: TimeDelta = TimeDelta::seconds(30);

    /// How long the file of a dry run is held.
    pub const HELD_FOR: TimeDelta = TimeDelta::minutes(30);

    /// Whether the file of this dry run can be imported at this time. An instance that has stopped holds no file, which its
    /// missing heartbeats tell.
    pub fn is_held_at(&self, now: Timestamp) -> bool {
        let is_alive = now - self.last_heartbeat_at <= Self::PATIENCE;
        self.holds_file && self.state == ImportState::Done && is_alive
    }

    /// The effective state at this time.
    pub fn state_at(&self, now: Timestamp) -> ImportState {
        if self.state == ImportState::Running && now - self.last_heartbeat_at > Self::PATIENCE {
            return ImportState::Interrupted;
        }
        self.state
    }
}
