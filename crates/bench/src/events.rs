//! Events: the cost of storing them with transitions, their latency, and the memory of idle listeners.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use serde_json::{Value, json};
use yilin_storage::Storage;

use crate::Outcome;
use crate::hospital::Hospital;
use crate::load::Load;
use crate::process::{Service, resident_kib};

/// Number of times each side is measured.
const TURNS: usize = 7;
/// Number of events whose latency is measured, and their interval.
const EVENTS: usize = 400;
const APART: Duration = Duration::from_millis(13);
/// Number of idle listeners, and of listeners of one account.
const LISTENERS: usize = 2_000;
const OF_ONE: usize = 16;

/// Measures transitions with and without an event, alternating.
pub(crate) async fn cost(name: &str, storage: &Storage, hospital: &Hospital, load: &Load) -> Outcome<()> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for turn in 0..2 * TURNS {
        let announced = turn % 2 == 0;
        let rate = hospital.transitions_announced(load, announced).await?.per_second();
        if announced {
            with.push(rate);
        } else {
            without.push(rate);
        }
        // As a service does all the time; not part of the measurement.
        while storage.events().number(1000).await? > 0 {}
    }
    let median = |rates: &mut Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates.get(TURNS / 2).copied().unwrap_or_default()
    };
    let (with, without) = (median(&mut with), median(&mut without));
    let more = (without / with - 1.0) * 100.0;
    println!("{name}: transition with event {with:.0}/s, without {without:.0}/s, {more:.1} % more time");
    Ok(())
}

/// Measures latency and memory with the binary, over this database.
pub(crate) fn measure(binary: &Path, name: &str, database: Option<&str>) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut settings = vec![("YILIN_BCRYPT_COST", "4")];
    settings.extend(database.map(|url| ("YILIN_DATABASE_URL", url)));
    let service = Service::start(binary, folder.path(), &settings)?;
    let client = Client::builder().timeout(Duration::from_secs(120)).build()?;
    let token = service.log_in(&client)?;
    latency(name, &service, &client, &token)?;
    memory(name, &service, &client, &token)
}

/// The time from the response to a submission until a listener gets its event.
fn latency(name: &str, service: &Service, client: &Client, token: &str) -> Outcome<()> {
    let made = get(service, client, token, "/api/mock/generatePatientAccount?number=1")?;
    let patient = made.pointer("/accounts/0/uuid").and_then(Value::as_str).ok_or("no patient")?.to_owned();
    let (sender, arrivals) = mpsc::channel();
    let stream = client.get(format!("{}/api/events", service.url)).header("authorization", token);
    let stream = stream.timeout(Duration::from_secs(600)).send()?.error_for_status()?;
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some(data) = line.strip_prefix("data: ") {
                // The receiver is gone at the end of the measurement.
                let _ = sender.send((Instant::now(), data.to_owned()));
            }
        }
    });
    let mut took = Vec::new();
    for number in 0..EVENTS {
        let body = json!({"type": "在家就医", "inquiry_detail": format!("头痛 {number}"), "appointment_time": "2027-01-15 09:30"});
        let url = format!("{}/api/inquiry/createInquiryRecord?uuid={patient}", service.url);
        client.post(url).header("authorization", token).json(&body).send()?.error_for_status()?;
        let answered = Instant::now();
        let (arrived, _) = arrivals.recv_timeout(Duration::from_secs(30))?;
        took.push(arrived.saturating_duration_since(answered));
        #[expect(clippy::disallowed_methods, reason = "a dedicated thread may block")]
        std::thread::sleep(APART);
    }
    took.sort_unstable();
    let percentile = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
    println!(
        "{name}: event after the response: median {:.0?}, 99 of 100 within {:.0?}, slowest {:.0?}",
        percentile(50),
        percentile(99),
        took.last().copied().unwrap_or_default()
    );
    Ok(())
}

/// Resident memory with and without idle listeners.
fn memory(name: &str, service: &Service, client: &Client, token: &str) -> Outcome<()> {
    let accounts = LISTENERS.div_ceil(OF_ONE);
    let mut tokens = Vec::new();
    // A response lists at most 100 accounts.
    for number in [accounts.min(100), accounts.saturating_sub(100)] {
        let path = format!("/api/mock/generatePatientAccount?number={number}");
        let made = get(service, client, token, &path)?;
        for account in made["accounts"].as_array().into_iter().flatten() {
            let credentials = json!({"phone": account["phone"], "password": "123456"});
            let request = client.post(format!("{}/api/user/login", service.url)).json(&credentials);
            let answer: Value = request.send()?.json()?;
            let token = answer.pointer("/data/0/token").and_then(Value::as_str);
            tokens.push(token.ok_or_else(|| answer.to_string())?.to_owned());
        }
    }
    let before = resident_kib(service)?.now;
    let address = service.url.strip_prefix("http://").ok_or("no address")?;
    let mut listeners = Vec::new();
    'all: for _ in 0..OF_ONE {
        for token in &tokens {
            let mut stream = TcpStream::connect(address)?;
            write!(stream, "GET /api/events HTTP/1.1\r\nhost: {address}\r\nauthorization: {token}\r\n\r\n")?;
            let mut begun = [0; 12];
            stream.read_exact(&mut begun)?;
            if begun != *b"HTTP/1.1 200" {
                return Err(String::from_utf8_lossy(&begun).into());
            }
            listeners.push(stream);
            if listeners.len() == LISTENERS {
                break 'all;
            }
        }
    }
    // Past the first comments.
    #[expect(clippy::disallowed_methods, reason = "a dedicated thread may block")]
    std::thread::sleep(Duration::from_secs(20));
    let after = resident_kib(service)?.now;
    let mib = f64::from(after.saturating_sub(before)) / 1024.0;
    println!("{name}: {} idle listeners take {mib:.1} MiB ({before} KiB before)", listeners.len());
    Ok(())
}

fn get(service: &Service, client: &Client, token: &str, path: &str) -> Outcome<Value> {
    let answer: Value =
        client.get(format!("{}{path}", service.url)).header("authorization", token).send()?.json()?;
    Ok(answer.pointer("/data/0").cloned().ok_or_else(|| answer.to_string())?)
}
