//! Whether a database's tables are those that this version works with.

use diesel::backend::Backend;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

/// How a database's tables are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// There are none.
    Empty,
    /// A move from another database has not been finished.
    Unfinished,
    /// Migrations are missing: an older version made them.
    Older {
        /// Their versions, oldest first.
        missing: Vec<String>,
    },
    /// They are as this version wants them.
    Current,
    /// A newer version made them.
    Newer {
        /// The migrations that this version does not know.
        unknown: Vec<String>,
    },
}

impl SchemaState {
    /// By the migrations that were applied and those that this version has.
    pub(crate) fn of(applied: &[String], known: &[String]) -> Self {
        let lacking = |from: &[String], of: &[String]| -> Vec<String> {
            of.iter().filter(|version| !from.contains(version)).cloned().collect()
        };
        let (unknown, missing) = (lacking(known, applied), lacking(applied, known));
        if applied.is_empty() {
            Self::Empty
        } else if !unknown.is_empty() {
            Self::Newer { unknown }
        } else if !missing.is_empty() {
            Self::Older { missing }
        } else {
            Self::Current
        }
    }
}

/// Diesel's table of the migrations that were applied.
pub(crate) const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations ORDER BY version";

/// The name of a table.
#[derive(diesel::QueryableByName)]
pub(crate) struct Named {
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
}

/// A migration that was applied.
#[derive(diesel::QueryableByName)]
pub(crate) struct Applied {
    #[diesel(sql_type = Text)]
    pub(crate) version: String,
}

/// Runs those of these migrations that have not been run, and gives how many.
pub(crate) fn run_pending<D: Backend>(
    harness: &mut impl MigrationHarness<D>,
    migrations: EmbeddedMigrations,
    versions: &[String],
) -> diesel::migration::Result<usize> {
    let pending = harness.pending_migrations(migrations)?;
    let wanted =
        pending.iter().filter(|migration| versions.contains(&migration.name().version().to_string()));
    wanted
        .map(|migration| harness.run_migration(&**migration))
        .collect::<Result<Vec<_>, _>>()
        .map(|run| run.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_older_newer_or_just_right() {
        let versions = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let state = |applied, known| SchemaState::of(&versions(applied), &versions(known));
        assert_eq!(state("", "1 2"), SchemaState::Empty);
        assert_eq!(state("1 2", "1 2"), SchemaState::Current);
        assert_eq!(state("1", "1 2 3"), SchemaState::Older { missing: versions("2 3") });
        assert_eq!(state("1 2 3", "1 2"), SchemaState::Newer { unknown: versions("3") });
        assert_eq!(state("1 9", "1 2"), SchemaState::Newer { unknown: versions("9") });
    }
}
