//! A private MariaDB server for tests.

mod install;
mod watchdog;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::sync::OnceCell;
use watchdog::Watchdog;

/// How long a server may take to answer after it was started.
const START_LIMIT: Duration = Duration::from_secs(300);

/// A MariaDB server for tests: a private one in a temporary folder, on a free local port, removed when the
/// test process ends, however it ends.
///
/// With `YILIN_TEST_MYSQL` set to the URL of a server, [`Self::shared`] uses that one; the test databases,
/// `yilin_test_…`, remain there.
#[derive(Debug)]
pub struct Server {
    /// An account that may create databases.
    administrator: Opts,
    /// Its URL without the database name.
    base_url: String,
    /// Its socket file, if it is a private one.
    socket: Option<PathBuf>,
    watchdog: Option<Watchdog>,
}

impl Server {
    /// The server shared by all tests of this process; the first caller starts it.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Server> = OnceCell::const_new();
        SHARED
            .get_or_init(async || match std::env::var("YILIN_TEST_MYSQL") {
                Ok(url) => {
                    let administrator = Opts::from_url(&url).expect("YILIN_TEST_MYSQL is a mysql:// URL");
                    Self { administrator, base_url: base_of(&url).to_owned(), socket: None, watchdog: None }
                }
                Err(_) => Self::start().await,
            })
            .await
    }

    /// A separate server, for tests that [`kill`](Self::kill) it. It is stopped when dropped.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A separate server with additional arguments, which override the defaults.
    pub async fn start_with(arguments: &'static [&'static str]) -> Self {
        let starting = tokio::task::spawn_blocking(|| install::start(arguments));
        let (watchdog, address) = starting.await.expect("MariaDB is installed and starts");
        let root = OptsBuilder::default().socket(Some(address.socket.to_string_lossy())).user(Some("root"));
        let base_url = format!("mysql://yilin:yilin@127.0.0.1:{}", address.port);
        let socket = Some(address.socket);
        let mut server = Self { administrator: root.into(), base_url, socket, watchdog: Some(watchdog) };
        let mut connection = server.ready().await;
        // As clients use it: over TCP, with a password.
        for statement in [
            "CREATE USER yilin@'%' IDENTIFIED BY 'yilin'",
            "GRANT ALL PRIVILEGES ON *.* TO yilin@'%' WITH GRANT OPTION",
        ] {
            connection.query_drop(statement).await.expect("root may create users");
        }
        hang_up(connection).await;
        server.administrator = Opts::from_url(&server.base_url).expect("a valid URL");
        server
    }

    /// Creates an empty database and returns its URL.
    pub async fn database(&self) -> String {
        let name = format!("yilin_test_{:016x}", RandomState::new().build_hasher().finish());
        let mut connection = self.connect().await;
        let create = format!("CREATE DATABASE {name}");
        connection.query_drop(create).await.expect("the account may create databases");
        hang_up(connection).await;
        format!("{}/{name}", self.base_url)
    }

    /// The URL of this database through the server's socket file, if the server is a private one.
    pub fn over_socket(&self, database_url: &str) -> Option<String> {
        let socket = self.socket.as_ref()?.to_str()?;
        Some(format!("{database_url}?socket={}", socket.replace('/', "%2F")))
    }

    /// The URL of this database for an account with no other privileges, so that server settings apply to it
    /// as to any ordinary account.
    pub async fn ordinary_account(&self, database_url: &str) -> String {
        let name = database_url.rsplit('/').next().expect("a database's URL ends in its name");
        let mut connection = self.connect().await;
        for statement in [
            "CREATE USER IF NOT EXISTS ordinary@'%' IDENTIFIED BY 'ordinary'".to_owned(),
            format!(
                "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES ON {name}.* TO ordinary@'%'"
            ),
        ] {
            connection.query_drop(statement).await.expect("the account may create users");
        }
        hang_up(connection).await;
        database_url.replace("yilin:yilin@", "ordinary:ordinary@")
    }

    /// A connection of an administrator account.
    pub async fn connect(&self) -> Conn {
        Conn::new(self.administrator.clone()).await.expect("the server for tests answers")
    }

    /// Kills the server, simulating a crash.
    pub fn kill(&mut self) {
        self.own_watchdog().kill();
    }

    /// Restarts a killed server with its data, and waits until it answers.
    pub async fn restart(&mut self) {
        self.own_watchdog().start();
        hang_up(self.ready().await).await;
    }

    fn own_watchdog(&mut self) -> &mut Watchdog {
        self.watchdog.as_mut().expect("only a private server is killed")
    }

    /// Waits until the server answers.
    async fn ready(&self) -> Conn {
        let started = Instant::now();
        loop {
            match Conn::new(self.administrator.clone()).await {
                Ok(connection) => return connection,
                Err(error) if started.elapsed() > START_LIMIT => {
                    let log = self.watchdog.as_ref().map(Watchdog::log).unwrap_or_default();
                    panic!("MariaDB does not answer: {error}. Its log:\n{log}")
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// Disconnects cleanly, so that the server's log has no warnings about lost connections.
async fn hang_up(connection: Conn) {
    connection.disconnect().await.expect("the connection closes");
}

/// A URL without its path and query.
fn base_of(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |scheme| scheme + "://".len());
    let end = url[authority..].find(['/', '?']).map_or(url.len(), |length| authority + length);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::base_of;

    #[test]
    fn a_url_is_cut_before_its_database() {
        for tail in ["", "/", "/yilin", "/yilin?pool_min=1", "?pool_min=1"] {
            let base = "mysql://root:a%2Fb@db.example:3307";
            assert_eq!(base_of(&format!("{base}{tail}")), base);
        }
    }
}
