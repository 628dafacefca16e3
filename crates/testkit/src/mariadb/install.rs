//! Finding and starting a MariaDB server.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use super::watchdog::Watchdog;

const HOW_TO_INSTALL: &str = "tests on MariaDB need it installed (Debian: `apt install mariadb-server`, \
     Fedora: `dnf install mariadb-server`, macOS: `brew install mariadb`); the others are run by \
     `cargo test --workspace -- --skip mariadb`";

/// Settings of a server for tests: little memory and no waiting for the disk. A crash of the process loses nothing, and
/// tears no page; only a crash of the machine would.
const FAST: &[&str] = &[
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-flush-method=nosync",
    "--sync-frm=OFF",
    "--performance-schema=OFF",
    "--skip-log-bin",
    "--max-connections=2000",
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
];

/// Installs a server without anonymous users, whose root needs no password on the socket.
const INSTALL: &[&str] =
    &["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"];

/// The address of a server.
pub(super) struct Address {
    pub(super) port: u16,
    pub(super) socket: PathBuf,
}

/// Starts a new, empty server on a free port, with additional arguments.
pub(super) fn start(further: &[&str]) -> (Watchdog, Address) {
    let (installer, server) =
        (program(&["mariadb-install-db", "mysql_install_db"]), program(&["mariadbd", "mysqld"]));
    // The watchdog removes the folder.
    let folder = tempfile::Builder::new()
        .prefix("yilin-mariadb-")
        .tempdir()
        .expect("the temporary folder can be written to")
        .keep();
    // The server only runs as root if told explicitly.
    let is_root = std::fs::metadata(&folder).is_ok_and(|folder| folder.uid() == 0);
    let user = is_root.then_some("--user=root");

    let mut install = vec![installer.display().to_string()];
    install.extend(INSTALL.iter().copied().chain(user).map(str::to_owned));
    let address = Address { port: free_port(), socket: folder.join("socket") };
    let mut arguments = vec![
        "--no-defaults".to_owned(),
        format!("--datadir={}", folder.join("data").display()),
        format!("--socket={}", address.socket.display()),
        format!("--pid-file={}", folder.join("pid").display()),
        format!("--port={}", address.port),
    ];
    arguments.extend(FAST.iter().chain(further).copied().chain(user).map(str::to_owned));

    let mut watchdog = Watchdog::new(folder, &install.join(" "), &server, &arguments);
    watchdog.install();
    watchdog.start();
    (watchdog, address)
}

/// The first of these programs that is installed; servers are often outside the search path of unprivileged
/// users.
fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"].map(PathBuf::from))
        .collect();
    let candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let mut installed = candidates.filter(|candidate| candidate.is_file());
    installed.next().unwrap_or_else(|| panic!("{} is not installed: {HOW_TO_INSTALL}", names[0]))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
