//! `ChromeDriver` and its browsers, which end with this process in any case.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// Runs a command until stdin is closed, that is, until the process at the other end is gone; then kills the whole
/// process group, to which the browsers belong.
const SUPERVISE: &str = r#""$@" </dev/null & read -r _; kill -KILL 0"#;

const MISSING: &str = "ChromeDriver is missing: `.ci/run browser` installs it with Chromium (on Debian; elsewhere \
    install Chrome or Chromium and its `chromedriver`), or run the tests that do not need it: \
    `cargo test --workspace -- --skip browser::`";

/// One font for everything, so that pages are as wide on every machine.
const FONTS: &str = r#"<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <match target="pattern">
    <edit name="family" mode="prepend" binding="strong"><string>Noto Sans CJK SC</string></edit>
  </match>
</fontconfig>
"#;

/// A private `ChromeDriver` on a free port.
pub(super) struct Driver {
    supervisor: Child,
    // `None` only while being dropped.
    line: Option<ChildStdin>,
    // Kept open: ChromeDriver writes to it later, too.
    _stdout: BufReader<ChildStdout>,
    url: String,
    folder: TempDir,
}

impl Driver {
    pub(super) fn start() -> Self {
        let version = Command::new("chromedriver").arg("--version").output();
        assert!(version.is_ok_and(|output| output.status.success()), "{MISSING}");
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join(".config/fontconfig");
        std::fs::create_dir_all(&settings).unwrap();
        std::fs::write(settings.join("fonts.conf"), FONTS).unwrap();
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISE, "supervise", "chromedriver", "--port=0"])
            // A developer's profile and fonts do not affect the tests, and nothing is left behind.
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let line = supervisor.stdin.take();
        let mut stdout = BufReader::new(supervisor.stdout.take().unwrap());
        let url = format!("http://127.0.0.1:{}", port(&mut stdout));
        Self { supervisor, line, _stdout: stdout, url, folder }
    }

    /// Where it listens.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A folder that is removed at the end.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// The port, from what it prints.
fn port(stdout: &mut impl BufRead) -> u16 {
    let mut printed = String::new();
    loop {
        let start = printed.len();
        assert!(stdout.read_line(&mut printed).unwrap() > 0, "ChromeDriver exited:\n{printed}");
        let line = &printed[start..];
        if line.contains("started successfully") {
            let port = line.trim_end().trim_end_matches('.').rsplit(' ').next().unwrap();
            return port.parse().unwrap_or_else(|_| panic!("no port in {line:?}"));
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.line = None;
        let ended = self.supervisor.wait();
        drop(ended);
    }
}
