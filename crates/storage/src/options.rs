//! Settings, and the database URL.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::OpenError;

/// Which database, and how much of it is used at a time.
#[derive(Clone)]
pub struct StorageOptions {
    /// `sqlite:PATH` or `mysql://user:pass@host:port/db`.
    pub url: String,
    /// The most connections to MySQL.
    pub connections: usize,
    /// The most reading connections to SQLite, besides the one that writes.
    pub readers: usize,
    /// How many units of work may wait for a connection; one more is refused.
    pub max_waiting: usize,
    /// How long a unit of work waits for a connection.
    pub wait_timeout: Duration,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// How long a unit of work may take as a whole; clients give up after 10 seconds.
    pub unit_timeout: Duration,
    /// How many threads run the units of work.
    pub threads: usize,
}

impl StorageOptions {
    /// The defaults, for this database.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections: 16,
            readers: 4,
            max_waiting: 512,
            wait_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(3),
            unit_timeout: Duration::from_secs(8),
            threads: 2,
        }
    }
}

/// Leaves the URL out: it holds a password.
impl std::fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StorageOptions")
            .field("connections", &self.connections)
            .field("readers", &self.readers)
            .finish_non_exhaustive()
    }
}

/// A database URL, told apart by its scheme.
pub(crate) enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Mysql(String),
}

impl DatabaseUrl {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let is_file = !path.is_empty() && !path.starts_with(':');
            return if is_file {
                Ok(Self::Sqlite(PathBuf::from(path)))
            } else {
                Err(OpenError::InvalidUrl("sqlite: needs the path of a file".to_owned()))
            };
        }
        if url.starts_with("mysql:") { mysql(url).map(Self::Mysql) } else { Err(OpenError::UnknownScheme) }
    }
}

fn mysql(url: &str) -> Result<String, OpenError> {
    let invalid = |reason: &dyn std::fmt::Display| OpenError::InvalidUrl(reason.to_string());
    let mut url = url::Url::parse(url).map_err(|error| invalid(&error))?;
    if url.path().trim_matches('/').is_empty() {
        return Err(invalid(&"it names no database"));
    }
    // The driver would rather use the socket file that the server names, which on this machine may
    // be another server's when the port is a tunnel.
    if !url.query_pairs().any(|(key, _)| key == "prefer_socket") {
        url.query_pairs_mut().append_pair("prefer_socket", "false");
    }
    mysql_async::Opts::from_url(url.as_str()).map_err(|error| invalid(&error))?;
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_picks_the_database() {
        for path in ["sqlite:data/yilin.db", "sqlite://data/yilin.db"] {
            let Ok(DatabaseUrl::Sqlite(path)) = DatabaseUrl::parse(path) else { panic!("{path}") };
            assert_eq!(path, PathBuf::from("data/yilin.db"));
        }
        let Ok(DatabaseUrl::Mysql(url)) = DatabaseUrl::parse("mysql://a:b%40@db:3307/yilin") else {
            panic!()
        };
        assert_eq!(url, "mysql://a:b%40@db:3307/yilin?prefer_socket=false");
        assert!(matches!(DatabaseUrl::parse("postgres://x/y"), Err(OpenError::UnknownScheme)));
        for url in ["sqlite:", "sqlite::memory:", "mysql://host:1/", "mysql://host:x/db"] {
            assert!(matches!(DatabaseUrl::parse(url), Err(OpenError::InvalidUrl(_))), "{url}");
        }
    }
}
