//! A private MariaDB server for tests.

mod install;
mod watchdog;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::sync::OnceCell;
use watchdog::Watchdog;

/// How long a server may take to answer after it was started.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A server that tests can have databases on: one of their own, in a temporary folder, on a free
/// port of this machine, which is gone when the test process ends, however that ends.
///
/// With `YILIN_TEST_MYSQL` set to the URL of a server, [`Self::shared`] is that one; the test
/// databases, `yilin_test_…`, stay there.
#[derive(Debug)]
pub struct Server {
    /// An account that may create databases.
    administrator: Opts,
    watchdog: Option<Watchdog>,
}

impl Server {
    /// The server that all tests of this process share; the first caller starts it.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Server> = OnceCell::const_new();
        SHARED
            .get_or_init(async || match std::env::var("YILIN_TEST_MYSQL") {
                Ok(url) => {
                    let administrator = Opts::from_url(&url).expect("YILIN_TEST_MYSQL is a mysql:// URL");
                    Self { administrator, watchdog: None }
                }
                Err(_) => Self::start().await,
            })
            .await
    }

    /// A server of one's own, for tests that [`kill`](Self::kill) it. It ends when it is dropped.
    pub async fn start() -> Self {
        let starting = tokio::task::spawn_blocking(install::start);
        let (watchdog, address) = starting.await.expect("MariaDB is installed and starts");
        let root = OptsBuilder::default().socket(Some(address.socket.to_string_lossy())).user(Some("root"));
        let mut server = Self { administrator: root.into(), watchdog: Some(watchdog) };
        let mut connection = server.ready().await;
        // As strangers reach it: over TCP, with a password.
        for statement in [
            "CREATE USER yilin@'%' IDENTIFIED BY 'yilin'",
            "GRANT ALL PRIVILEGES ON *.* TO yilin@'%' WITH GRANT OPTION",
        ] {
            connection.query_drop(statement).await.expect("root may create users");
        }
        hang_up(connection).await;
        let url = format!("mysql://yilin:yilin@127.0.0.1:{}", address.port);
        server.administrator = Opts::from_url(&url).expect("a valid URL");
        server
    }

    /// Creates an empty database, and gives its URL.
    pub async fn database(&self) -> String {
        let name = format!("yilin_test_{:016x}", RandomState::new().build_hasher().finish());
        let mut connection =
            Conn::new(self.administrator.clone()).await.expect("the server for tests answers");
        let create = format!("CREATE DATABASE {name}");
        connection.query_drop(create).await.expect("the account may create databases");
        hang_up(connection).await;
        self.url_of(&name)
    }

    /// Kills the server as a crash would.
    pub fn kill(&mut self) {
        self.own_watchdog().kill();
    }

    /// Starts the server again after it was killed, with what it had stored, and waits until it
    /// answers.
    pub async fn restart(&mut self) {
        self.own_watchdog().start_again();
        hang_up(self.ready().await).await;
    }

    fn own_watchdog(&mut self) -> &mut Watchdog {
        self.watchdog.as_mut().expect("only a server that was started here is killed")
    }

    fn url_of(&self, database: &str) -> String {
        let server = &self.administrator;
        let (user, password) = (server.user().unwrap_or_default(), server.pass().unwrap_or_default());
        let (host, port) = (server.ip_or_hostname(), server.tcp_port());
        format!("mysql://{user}:{password}@{host}:{port}/{database}")
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

/// Says goodbye, so that the server's log holds no warnings about lost connections.
async fn hang_up(connection: Conn) {
    connection.disconnect().await.expect("the server says goodbye");
}
