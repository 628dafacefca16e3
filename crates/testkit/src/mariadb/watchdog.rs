//! Stops the server when the test process ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A server process that is stopped, and whose folder is removed, when this process ends.
///
/// Statics are not dropped and a failing test may abort, so a small shell script supervises the server: the
/// end of its stdin shows that this process is gone.
#[derive(Debug)]
pub(super) struct Watchdog {
    script: Child,
    // `None` only while being dropped.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Watchdog {
    /// Supervises an existing folder, which the watchdog owns from now on. Nothing is installed or started
    /// yet: a process killed while waiting for that would leave the folder behind.
    pub(super) fn new(folder: PathBuf, install: &str, server: &Path, arguments: &[String]) -> Self {
        let mut script = Command::new("sh")
            .args(["-c", include_str!("watchdog.sh"), "watchdog"])
            .arg(&folder)
            .arg(install)
            .arg(server)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal ends the tests; the watchdog must outlive them to clean up.
            .process_group(0)
            .spawn()
            .expect("a shell can be started");
        let orders = script.stdin.take();
        let answers = BufReader::new(script.stdout.take().expect("stdout is a pipe"));
        Self { script, orders, answers, folder }
    }

    /// Installs a new server in the folder and waits for completion.
    pub(super) fn install(&mut self) {
        self.order("install");
    }

    /// Starts or restarts the server.
    pub(super) fn start(&mut self) {
        self.order("start");
    }

    /// Kills the server, simulating a crash, and waits until it is gone.
    pub(super) fn kill(&mut self) {
        self.order("kill");
    }

    /// The server's log, for error messages.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }

    fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("the watchdog is not being dropped");
        writeln!(orders, "{order}").expect("the watchdog listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the watchdog answers");
        assert_eq!(answer, "done\n", "{order} failed. The log:\n{}", self.log());
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.orders = None;
        // Its exit status does not matter: when it has ended, the folder is gone.
        let _ = self.script.wait();
    }
}
