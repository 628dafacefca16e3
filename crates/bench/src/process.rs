use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

const STARTS: usize = 7;
/// How long the service idles before its memory is looked at.
const IDLE: Duration = Duration::from_secs(5);

/// Measures how long the binary takes from its start to its first line, on an existing SQLite
/// database, and how much memory it holds when idle.
pub(crate) fn measure(binary: &Path) -> Outcome<()> {
    if !binary.is_file() {
        println!("start: {} is not there (cargo build --release -p yilin)", binary.display());
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let (mut first, _) = start(binary, folder.path())?;
    end(&mut first)?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let (mut service, took) = start(binary, folder.path())?;
        times.push(took);
        end(&mut service)?;
    }
    times.sort_unstable();
    let (mut service, _) = start(binary, folder.path())?;
    #[expect(clippy::disallowed_methods, reason = "no executor runs yet")]
    std::thread::sleep(IDLE);
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.id()))?;
    let resident = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("VmRSS: unknown");
    let median = times.get(STARTS / 2).copied().unwrap_or_default();
    let slowest = times.last().copied().unwrap_or_default();
    println!("start: median {median:.1?} of {STARTS}, slowest {slowest:.1?}; idle {resident}");
    end(&mut service)
}

fn start(binary: &Path, folder: &Path) -> Outcome<(Child, Duration)> {
    let mut command = Command::new(std::fs::canonicalize(binary)?);
    command.current_dir(folder).env("YILIN_BIND", "127.0.0.1:0").env("YILIN_LOG", "warn");
    let began = Instant::now();
    let mut service = command.stdout(Stdio::piped()).spawn()?;
    let mut output = BufReader::new(service.stdout.take().ok_or("no output")?);
    output.read_line(&mut String::new())?;
    let took = began.elapsed();
    // The rest of what it says, so that it does not find nobody listening.
    output.read_line(&mut String::new())?;
    output.read_line(&mut String::new())?;
    Ok((service, took))
}

fn end(service: &mut Child) -> Outcome<()> {
    service.kill()?;
    service.wait()?;
    Ok(())
}
