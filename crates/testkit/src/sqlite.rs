//! SQLite databases for tests.

use tempfile::TempDir;

/// A database in a temporary folder, removed with all its contents when dropped.
#[derive(Debug)]
pub struct TempDatabase {
    folder: TempDir,
}

impl TempDatabase {
    /// A new, empty folder.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("yilin-sqlite-").tempdir();
        Self { folder: folder.expect("the temporary folder can be written to") }
    }

    /// The database's URL; the file does not exist yet.
    pub fn url(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("yilin.db").display())
    }
}

impl Default for TempDatabase {
    fn default() -> Self {
        Self::new()
    }
}
