//! The service as a child process: start-up time and memory.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::Outcome;

const STARTS: usize = 7;
/// How long the service idles before its memory is measured.
const IDLE: Duration = Duration::from_secs(5);

/// A running service, stopped when dropped.
pub(crate) struct Service {
    process: Child,
    /// Base URL.
    pub(crate) url: String,
    took: Duration,
}

impl Service {
    /// Starts the service in this folder on a free port and waits until it is ready.
    pub(crate) fn start(binary: &Path, folder: &Path, settings: &[(&str, &str)]) -> Outcome<Self> {
        let mut command = Command::new(std::fs::canonicalize(binary)?);
        command.current_dir(folder).env("YILIN_BIND", "127.0.0.1:0").env("YILIN_LOG", "warn");
        command.envs(settings.iter().copied());
        let began = Instant::now();
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(process.stdout.take().ok_or("no output")?);
        let mut first = String::new();
        output.read_line(&mut first)?;
        let took = began.elapsed();
        // Reads the rest of its output, so that it never writes to a closed pipe.
        output.read_line(&mut String::new())?;
        output.read_line(&mut String::new())?;
        let url = first.split_whitespace().find(|word| word.starts_with("http://"));
        Ok(Self { process, url: url.ok_or("the service did not start")?.to_owned(), took })
    }

    /// Logs in the admin of a fresh service; returns the token.
    pub(crate) fn log_in(&self, client: &Client) -> Outcome<String> {
        let credentials = json!({"username": "admin", "password": "admin"});
        let answer: Value =
            client.post(format!("{}/api/user/adminLogin", self.url)).json(&credentials).send()?.json()?;
        let token = answer.pointer("/data/0/token").and_then(Value::as_str);
        Ok(token.ok_or_else(|| answer.to_string())?.to_owned())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait());
        drop(ended);
    }
}

/// Resident memory of a process, in KiB.
pub(crate) struct Resident {
    /// Current.
    pub(crate) now: u32,
    /// Peak.
    pub(crate) peak: u32,
}

/// Resident memory of the service.
pub(crate) fn resident_kib(service: &Service) -> Outcome<Resident> {
    let process = service.process.id();
    Ok(Resident { now: memory_kib(process, "VmRSS:")?, peak: peak_kib(process)? })
}

/// Resident memory of a service that has just been started and then left alone, in KiB.
pub(crate) fn idle_kib(service: &Service) -> Outcome<u32> {
    #[expect(clippy::disallowed_methods, reason = "not within an executor")]
    std::thread::sleep(IDLE);
    Ok(resident_kib(service)?.now)
}

/// Peak of a process's resident memory, in KiB.
pub(crate) fn peak_kib(process: u32) -> Outcome<u32> {
    memory_kib(process, "VmHWM:")
}

fn memory_kib(process: u32, field: &str) -> Outcome<u32> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).ok_or("no such field")?;
    Ok(line.trim_matches(|c: char| !c.is_ascii_digit()).parse()?)
}

/// Measures the time from the start of the binary to its first line, on an existing SQLite database, and its
/// resident memory when idle.
pub(crate) fn measure(binary: &Path) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    drop(Service::start(binary, folder.path(), &[])?);
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(Service::start(binary, folder.path(), &[])?.took);
    }
    times.sort_unstable();
    let resident = idle_kib(&Service::start(binary, folder.path(), &[])?)?;
    let median = times.get(STARTS / 2).copied().unwrap_or_default();
    let slowest = times.last().copied().unwrap_or_default();
    println!("start: median {median:.1?} of {STARTS}, slowest {slowest:.1?}; idle {resident} KiB resident");
    Ok(())
}
