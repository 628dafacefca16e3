//! The database setting.

use std::path::{Path, PathBuf};

use url::Url;

use super::parse::NotAllowed;

/// The database to use.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// Embedded SQLite, in this file.
    Sqlite(PathBuf),
    /// A MySQL or MariaDB server.
    Mysql(Url),
}

impl Database {
    /// The embedded database of a data folder.
    pub(crate) fn embedded_in(data_dir: &Path) -> Self {
        Self::Sqlite(data_dir.join("yilin.db"))
    }

    /// Parses `sqlite:FILE` or `mysql://user:pass@host:port/db`.
    pub(crate) fn parse(text: &str) -> Result<Self, NotAllowed> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            // `sqlite:///absolute` and `sqlite:relative` are both in use.
            let path = path.strip_prefix("//").unwrap_or(path);
            let usable = !path.is_empty() && !path.contains('?') && path != ":memory:";
            return usable.then(|| Self::Sqlite(PathBuf::from(path))).ok_or(NotAllowed);
        }
        let url = Url::parse(text).map_err(|_| NotAllowed)?;
        let names_database = url.path().trim_start_matches('/').chars().any(|c| c != '/');
        let usable =
            url.scheme() == "mysql" && url.host().is_some() && names_database && !has_placeholder(&url);
        usable.then_some(Self::Mysql(url)).ok_or(NotAllowed)
    }

    /// The same, with the whole path of a file: a relative one says little in a message.
    pub(crate) fn absolute(&self) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(std::path::absolute(path).unwrap_or_else(|_| path.clone())),
            Self::Mysql(_) => self.clone(),
        }
    }

    /// The URL in the form that the storage adapter accepts.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Mysql(url) => url.to_string(),
        }
    }
}

/// Whether the password is still the placeholder of `deploy/mariadb.sql`.
fn has_placeholder(url: &Url) -> bool {
    let password = url.password().unwrap_or_default().as_bytes();
    percent_encoding::percent_decode(password).eq(*b"CHANGE-ME")
}

/// Shows the location of the database, never the password.
impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Mysql(url) => {
                let host = url.host_str().unwrap_or_default();
                match url.query_pairs().find(|(name, _)| name == "socket") {
                    // The driver then uses neither the port nor, but for its messages, the host.
                    Some((_, socket)) => write!(f, "mysql://{host}{}?socket={socket}", url.path()),
                    None => write!(f, "mysql://{host}:{}{}", url.port().unwrap_or(3306), url.path()),
                }
            }
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_show_where_the_database_is_and_no_password() {
        for (url, shown) in [
            ("mysql://yilin:hush@db/yilin", "mysql://db:3306/yilin"),
            ("mysql://yilin:hush@db:3307/yilin?prefer_socket=true", "mysql://db:3307/yilin"),
            (
                "mysql://yilin:hush@localhost/yilin?socket=%2Frun%2Fmysqld%2Fmysqld.sock",
                "mysql://localhost/yilin?socket=/run/mysqld/mysqld.sock",
            ),
            ("sqlite:///var/lib/yilin/yilin.db", "sqlite:/var/lib/yilin/yilin.db"),
        ] {
            assert_eq!(Database::parse(url).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn the_example_placeholder_is_not_accepted_as_password() {
        let example = include_str!("../../../../deploy/mariadb.sql");
        assert!(example.contains("IDENTIFIED BY 'CHANGE-ME'"));
        for password in ["CHANGE-ME", "CHANGE%2DME", "%43HANGE-ME"] {
            assert_eq!(Database::parse(&format!("mysql://yilin:{password}@db/yilin")), Err(NotAllowed));
        }
        for password in ["change-me-not", "CHANGE-ME2", ""] {
            assert!(Database::parse(&format!("mysql://yilin:{password}@db/yilin")).is_ok(), "{password}");
        }
    }
}
