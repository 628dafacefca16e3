//! The end of a server with the tests that use it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A server process that ends, and whose folder is removed, when this process ends.
///
/// Statics are not dropped and a failing test may abort, so a small shell script watches over the
/// server: it notices by the end of its stdin that this process is gone.
#[derive(Debug)]
pub(super) struct Watchdog {
    script: Child,
    // `None` only while being dropped.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Watchdog {
    /// Watches over a folder that is there already, which is the watchdog's from now on. Nothing
    /// is installed or started yet: a process that is killed while it waits for that would leave
    /// the folder behind.
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

    /// Installs a new server in the folder, and waits until that is done.
    pub(super) fn install(&mut self) {
        self.order("install");
    }

    /// Starts the server, again perhaps.
    pub(super) fn start(&mut self) {
        self.order("start");
    }

    /// Kills the server as a crash would, and waits until it is gone.
    pub(super) fn kill(&mut self) {
        self.order("kill");
    }

    /// What the server wrote to its log, for a message about what went wrong.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }

    fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("the watchdog is not being dropped");
        writeln!(orders, "{order}").expect("the watchdog listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the watchdog answers");
        assert_eq!(answer, "done\n", "{order} went wrong. The log:\n{}", self.log());
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.orders = None;
        // Nothing depends on how it ended, only that it has: the folder is gone then.
        let _ = self.script.wait();
    }
}
