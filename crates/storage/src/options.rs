//! Settings, and the database URL.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::OpenError;

/// The database, and limits on its use.
#[derive(Clone)]
pub struct StorageOptions {
    /// `sqlite:PATH` or `mysql://user:pass@host:port/db`, with `?socket=PATH` through the server's socket file.
    pub url: String,
    /// Maximum number of connections to MySQL.
    pub connections: usize,
    /// Maximum number of reading connections to SQLite, besides the writer.
    pub readers: usize,
    /// Maximum number of units of work waiting for a connection; further ones are rejected.
    pub max_waiting: usize,
    /// How long a unit of work waits for a connection.
    pub wait_timeout: Duration,
    /// Timeout of opening a connection.
    pub connect_timeout: Duration,
    /// Timeout of a whole unit of work; clients give up after 10 seconds.
    pub unit_timeout: Duration,
    /// How long a unit waits for the response to its commit before it looks up whether it was done.
    pub commit_timeout: Duration,
    /// Number of threads that run units of work on MySQL; SQLite has one for each connection.
    pub threads: usize,
}

impl StorageOptions {
    /// The defaults for this database.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections: 16,
            readers: 4,
            max_waiting: 512,
            wait_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(3),
            unit_timeout: Duration::from_secs(8),
            commit_timeout: Duration::from_secs(4),
            threads: 2,
        }
    }

    /// With this timeout for each of waiting, connecting, committing and a whole unit.
    #[must_use]
    pub fn with_timeouts(self, timeout: Duration) -> Self {
        Self {
            wait_timeout: timeout,
            connect_timeout: timeout,
            unit_timeout: timeout,
            commit_timeout: timeout,
            ..self
        }
    }
}

/// Omits the URL, which contains a password.
impl std::fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StorageOptions")
            .field("connections", &self.connections)
            .field("readers", &self.readers)
            .finish_non_exhaustive()
    }
}

/// A parsed database URL.
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
                Err(OpenError::InvalidUrl("sqlite: requires a file path".to_owned()))
            };
        }
        if url.starts_with("mysql:") { mysql(url).map(Self::Mysql) } else { Err(OpenError::UnknownScheme) }
    }
}

fn mysql(url: &str) -> Result<String, OpenError> {
    let invalid = |reason: &dyn std::fmt::Display| OpenError::InvalidUrl(reason.to_string());
    let mut url = url::Url::parse(url).map_err(|error| invalid(&error))?;
    if url.path().trim_matches('/').is_empty() {
        return Err(invalid(&"the database name is missing"));
    }
    // By default the driver switches to the socket file reported by the server, which may belong to another
    // local server if the port is a tunnel.
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
