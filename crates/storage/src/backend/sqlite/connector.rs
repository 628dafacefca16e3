//! Connections to a SQLite file.

use std::path::{Path, PathBuf};

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncConnection as _, RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use yilin_domain::port::BoxError;

use super::Conn;
use crate::engine::{Connect, Marker, Trouble};
use crate::error::OpenError;

/// Creates connections to a SQLite file.
pub(crate) struct Connector {
    path: String,
}

/// `FULL`: acknowledged changes survive a power failure. The busy timeout is for other processes; this one
/// has a single writer.
const SETUP: &str = "PRAGMA busy_timeout = 5000; \
PRAGMA journal_mode = WAL; \
PRAGMA synchronous = FULL; \
PRAGMA foreign_keys = ON;";

/// `SQLITE_FULL`, `SQLITE_READONLY` and `SQLITE_IOERR`, the last of which also reports a file size limit.
const UNWRITABLE: &[&str] =
    &["database or disk is full", "attempt to write a readonly database", "disk I/O error"];

impl Connector {
    /// Creates the file and its folder if they do not exist, readable by the owner only.
    pub(super) fn new(path: PathBuf) -> Result<Self, OpenError> {
        create(&path).map_err(OpenError::File)?;
        let path =
            path.into_os_string().into_string().map_err(|_| OpenError::InvalidUrl("not UTF-8".to_owned()))?;
        Ok(Self { path })
    }

    pub(super) async fn establish(&self) -> Result<Conn, BoxError> {
        let mut conn = Conn::establish(&self.path).await?;
        conn.batch_execute(SETUP).await?;
        Ok(conn)
    }
}

fn create(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome.map(drop),
    }
}

impl Connect for Connector {
    type Conn = Conn;
    const BLOCKS_ITS_THREAD: bool = true;
    /// SQLite runs in this process, so the response to a commit cannot be lost.
    const MARKS_COMMITS: bool = false;

    fn connect(&self) -> BoxFuture<'_, Result<Self::Conn, BoxError>> {
        self.establish().boxed()
    }

    fn ping(conn: &mut Self::Conn) -> BoxFuture<'_, QueryResult<()>> {
        async move {
            let one = diesel::dsl::sql::<diesel::sql_types::Integer>("1");
            diesel::select(one).get_result::<i32>(conn).await.map(drop)
        }
        .boxed()
    }

    fn begin(conn: &mut Self::Conn) -> BoxFuture<'_, QueryResult<()>> {
        conn.batch_execute("BEGIN IMMEDIATE").boxed()
    }

    fn commit<'a>(conn: &'a mut Self::Conn, _: &Marker) -> BoxFuture<'a, QueryResult<()>> {
        conn.batch_execute("COMMIT").boxed()
    }

    fn settle<'a>(_: &'a mut Self::Conn, _: &Marker) -> BoxFuture<'a, QueryResult<bool>> {
        // Without markers there is nothing to look up.
        async { Err(Error::NotFound) }.boxed()
    }

    fn rollback(conn: &mut Self::Conn) -> BoxFuture<'_, QueryResult<()>> {
        conn.batch_execute("ROLLBACK").boxed()
    }

    fn classify(error: &Error) -> Trouble {
        match error {
            Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
                let message = information.message();
                if message.contains("is locked") {
                    Trouble::Passing
                } else if UNWRITABLE.iter().any(|text| message.contains(text)) {
                    Trouble::Unwritable
                } else if message.contains("unable to open") {
                    Trouble::Lost
                } else {
                    Trouble::Refused
                }
            }
            Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => Trouble::Unwritable,
            Error::DatabaseError(_, _) | Error::NotFound => Trouble::Refused,
            _ => Trouble::Lost,
        }
    }
}
