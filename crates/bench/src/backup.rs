//! A backup of a whole hospital while people work: how long it takes, how much memory, and what people notice of it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::Outcome;
use crate::files::{mib, upload};
use crate::many::multiply;
use crate::process::{Service, peak_kib, resident_kib};

/// How many people work at the same time.
const PEOPLE: usize = 8;
/// How long each looks at an answer before the next request.
const THINKS: Duration = Duration::from_millis(50);
/// How often memory is read.
const LOOK: Duration = Duration::from_millis(20);
/// How many visits the service makes itself; more of them are copies with ids of their own.
const MADE: u32 = 500;

/// What is backed up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Number of complete visits: request, record, drugs, histories, entries in the audit log.
    pub(crate) visits: u32,
    /// Files of 1 MiB.
    pub(crate) files: u64,
    /// How long requests are measured without a backup.
    pub(crate) before: Duration,
}

/// The database of a service: its URL, or the embedded one of the folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Databases<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// An empty one, for the visits that are copied.
    pub(crate) small: Option<&'a str>,
    /// An empty one that is backed up.
    pub(crate) large: Option<&'a str>,
}

/// Fills a database, and backs it up while people work.
pub(crate) fn measure(binary: &Path, databases: Databases<'_>, size: Size) -> Outcome<()> {
    let (folder, client) = (tempfile::tempdir()?, Client::builder().timeout(None).build()?);
    let began = Instant::now();
    let url = fill(binary, folder.path(), &client, databases, size.visits)?;
    let settings = [("YILIN_UPLOAD_PER_DAY", "1 TiB"), ("YILIN_DATABASE_URL", &*url)];
    let service = Service::start(binary, folder.path(), &settings)?;
    let admin = service.log_in(&client)?;
    for seed in 1..=size.files {
        upload(&service.url, &admin, 1 << 20, seed)?;
    }
    let (name, Size { visits, files, .. }) = (databases.name, size);
    println!("{name}: {visits} visits and {files} MiB of files, made in {:.0?}", began.elapsed());

    let people = (0..PEOPLE).map(|_| patient(&service, &client, &admin)).collect::<Outcome<Vec<_>>>()?;
    let work = Work { service: &service, admin: &admin, people: &people, ends: AtomicBool::new(false) };
    // Once unmeasured, so that caches are warm in all of them.
    work.during(|| pause(size.before / 4))?;
    let (quiet, ()) = work.during(|| pause(size.before))?;
    println!("  requests without a backup  {quiet}");
    let backups = folder.path().join("backups");
    std::fs::create_dir(&backups)?;
    let archive = folder.path().join("all.tar.zst");
    for (what, target) in [
        ("a folder, first night    ", &backups),
        ("the folder, second night ", &backups),
        ("one archive              ", &archive),
    ] {
        if target == &archive {
            // Room on the disk.
            std::fs::remove_dir_all(&backups)?;
        }
        // Archives of a folder are named by the second.
        pause(Duration::from_secs(1))?;
        let idle = resident_kib(&service)?.now;
        let (meanwhile, ran) = work.during(|| {
            let mut command = command(binary, folder.path(), &settings);
            Run::of(command.arg("backup").arg(target), Some(&service))
        })?;
        println!(
            "  {what}  {:.1?}, {:.1} MiB of memory, the service {:.1} MiB more; requests {meanwhile}, p99 × {:.2}",
            ran.took,
            mib(ran.peak),
            mib(ran.service.saturating_sub(idle)),
            meanwhile.p99().as_secs_f64() / quiet.p99().as_secs_f64(),
        );
    }
    println!("  {:.1} MiB the archive", mebibytes(archive.metadata()?.len()));
    drop(service);
    std::fs::remove_dir_all(folder.path().join("data"))?;
    restored(binary, &archive)
}

/// The restore of the archive into an embedded database.
fn restored(binary: &Path, archive: &Path) -> Outcome<()> {
    let elsewhere = tempfile::tempdir()?;
    for arguments in [&["restore", "--verify"][..], &["restore"], &["doctor", "--disk-reserve", "0"]] {
        let mut command = command(binary, elsewhere.path(), &[]);
        command.args(arguments);
        if arguments.contains(&"restore") {
            command.arg(archive);
        }
        let ran = Run::of(&mut command, None)?;
        println!("  {:<17} {:.1?}, {:.1} MiB of memory", arguments.join(" "), ran.took, mib(ran.peak));
    }
    Ok(())
}

/// A command as timers run it: behind people's requests.
fn command(binary: &Path, folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new("nice");
    command.arg("-n10").arg(binary).current_dir(folder).envs(settings.iter().copied());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// What a command took.
struct Run {
    took: Duration,
    /// Its peak of resident memory, in KiB.
    peak: u32,
    /// The service's largest resident memory meanwhile, in KiB.
    service: u32,
}

impl Run {
    /// Runs the command to its end.
    fn of(command: &mut Command, service: Option<&Service>) -> Outcome<Self> {
        let began = Instant::now();
        let mut child = command.spawn()?;
        let (mut peak, mut largest) = (0, 0);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            peak = peak.max(peak_of(&child));
            largest = match service {
                Some(service) => largest.max(resident_kib(service)?.now),
                None => largest,
            };
            pause(LOOK)?;
        };
        if status.success() {
            Ok(Self { took: began.elapsed(), peak, service: largest })
        } else {
            Err(format!("{command:?}: {status}").into())
        }
    }
}

/// The peak so far; 0 if it has just ended.
fn peak_of(child: &Child) -> u32 {
    peak_kib(child.id()).unwrap_or_default()
}

/// Makes a hospital of some visits, and a database with as many copies as are wanted; gives its URL.
fn fill(
    binary: &Path,
    folder: &Path,
    client: &Client,
    databases: Databases<'_>,
    visits: u32,
) -> Outcome<String> {
    let embedded = |name: &str| format!("sqlite:{}", folder.join(name).display());
    let small = databases.small.map_or_else(|| embedded("small.db"), ToOwned::to_owned);
    let large = databases.large.map_or_else(|| embedded("large.db"), ToOwned::to_owned);
    let service = Service::start(binary, folder, &[("YILIN_DATABASE_URL", &*small)])?;
    let admin = service.log_in(client)?;
    let made = visits.min(MADE);
    let path = format!("{}/api/mock/testFullSystem?number={made}&goroutineNumber={PEOPLE}", service.url);
    let answer: Value = client.get(path).header("authorization", admin).send()?.json()?;
    if answer.pointer("/data/0/completed") != Some(&Value::from(made)) {
        return Err(answer.to_string().into());
    }
    drop(service);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(multiply(small, large.clone(), visits, visits.div_ceil(made)))?;
    Ok(large)
}

/// The token of a new patient.
fn patient(service: &Service, client: &Client, admin: &str) -> Outcome<String> {
    let made: Value = client
        .get(format!("{}/api/mock/generatePatientAccount?number=1", service.url))
        .header("authorization", admin)
        .send()?
        .json()?;
    let phone = made.pointer("/data/0/accounts/0/phone").ok_or_else(|| made.to_string())?;
    let credentials = json!({"phone": phone, "password": "123456"});
    let answer: Value =
        client.post(format!("{}/api/user/login", service.url)).json(&credentials).send()?.json()?;
    let token = answer.pointer("/data/0/token").and_then(Value::as_str);
    Ok(token.ok_or_else(|| answer.to_string())?.to_owned())
}

/// People at work.
struct Work<'a> {
    service: &'a Service,
    admin: &'a str,
    people: &'a [String],
    ends: AtomicBool,
}

impl Work<'_> {
    /// Lets people work while something else happens; gives how long their requests took.
    fn during<T>(&self, something: impl FnOnce() -> Outcome<T>) -> Outcome<(Latencies, T)> {
        self.ends.store(false, Ordering::Relaxed);
        let latencies = Mutex::new(Vec::new());
        let (done, worked) = std::thread::scope(|scope| {
            let at_work: Vec<_> = self
                .people
                .iter()
                .map(|token| {
                    let latencies = &latencies;
                    scope.spawn(move || self.work(token, latencies))
                })
                .collect();
            let done = something();
            self.ends.store(true, Ordering::Relaxed);
            let worked: Vec<Outcome<()>> = at_work
                .into_iter()
                .map(|person| person.join().unwrap_or_else(|_| Err("a person panicked".into())))
                .collect();
            (done, worked)
        });
        worked.into_iter().collect::<Outcome<Vec<()>>>()?;
        let mut latencies = latencies.into_inner().map_err(|_| "a person panicked")?;
        latencies.sort_unstable();
        Ok((Latencies(latencies), done?))
    }

    /// Two lists of the hospital's, one's own account, and a new request for a visit, over and over.
    fn work(&self, token: &str, latencies: &Mutex<Vec<Duration>>) -> Outcome<()> {
        let client = Client::builder().timeout(None).build()?;
        let base = &self.service.url;
        for round in 0_u64.. {
            if self.ends.load(Ordering::Relaxed) {
                break;
            }
            let page = round % 50 + 1;
            let list = |list: &str| client.get(format!("{base}/api/{list}?page={page}&size=10"));
            let request = match round % 4 {
                0 => list("inquiry/queryAllInquiryRecord").header("authorization", self.admin),
                1 => list("drug/queryAllDrug").header("authorization", self.admin),
                2 => client.get(format!("{base}/api/user/queryUserMessage")).header("authorization", token),
                _ => client
                    .post(format!("{base}/api/inquiry/createInquiryRecord"))
                    .header("authorization", token)
                    .json(&json!({
                        "type": "在家就医", "appointment_time": "2027-01-15 09:30",
                        "inquiry_detail": format!("血压偏高，第 {round} 次"),
                    })),
            };
            let began = Instant::now();
            let answer: Value = request.send()?.json()?;
            let took = began.elapsed();
            if answer.get("code") != Some(&Value::from(200)) {
                return Err(answer.to_string().into());
            }
            latencies.lock().map_err(|_| "a person panicked")?.push(took);
            pause(THINKS)?;
        }
        Ok(())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is one of the things that happen while people work")]
fn pause(time: Duration) -> Outcome<()> {
    #[expect(clippy::disallowed_methods, reason = "on a thread of its own")]
    std::thread::sleep(time);
    Ok(())
}

/// How long requests took, in order.
struct Latencies(Vec<Duration>);

impl Latencies {
    fn at(&self, percent: usize) -> Duration {
        self.0
            .get((self.0.len() * percent / 100).min(self.0.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    }

    fn p99(&self) -> Duration {
        self.at(99)
    }
}

impl std::fmt::Display for Latencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: median {:.1?}, p99 {:.1?}", self.0.len(), self.at(50), self.p99())
    }
}

fn mebibytes(bytes: u64) -> f64 {
    mib(u32::try_from(bytes >> 10).unwrap_or(u32::MAX))
}
