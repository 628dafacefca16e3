//! Latency that the service adds to streamed answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use serde_json::{Value, json};
use yilin_testkit::openai::{DONE, STREAM_HEAD, piece};

use crate::Outcome;
use crate::process::Service;

/// Number of chunks in an answer, and the interval between them.
const PIECES: usize = 500;
const APART: Duration = Duration::from_millis(5);

/// Measures the time a chunk of a streamed answer takes from the model server to the client, directly and
/// through the service. Each chunk carries the time it was sent.
pub(crate) fn measure(binary: &Path) -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let model = format!("http://{}/v1", listener.local_addr()?);
    let epoch = Instant::now();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            // A disconnect is noticed on the client side, which then has too few chunks.
            let _ = connection.and_then(|connection| speak(connection, epoch));
        }
    });
    let folder = tempfile::tempdir()?;
    let service = Service::start(binary, folder.path(), &[("YILIN_LLM_BASE_URL", &model)])?;
    let client = Client::builder().timeout(None).build()?;
    let token = service.log_in(&client)?;
    let direct = ask(&client, &model, &token, epoch)?;
    let through = ask(&client, &format!("{}/api/v1", service.url), &token, epoch)?;
    println!("streamed answers of {PIECES} pieces, {APART:?} apart; from sending a piece to receiving it");
    for (name, took) in [("direct       ", &direct), ("through yilin", &through)] {
        println!(
            "  {name}  median {:.0?}, 99 of 100 within {:.0?}",
            percentile(took, 50),
            percentile(took, 99)
        );
    }
    println!(
        "  added at the median: {:.0?}",
        percentile(&through, 50).saturating_sub(percentile(&direct, 50))
    );
    Ok(())
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default()
}

/// Answers a request with chunks that carry their send time.
fn speak(mut connection: TcpStream, epoch: Instant) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let _request = connection.read(&mut [0; 4096])?;
    connection.write_all(STREAM_HEAD.as_bytes())?;
    for _ in 0..PIECES {
        #[expect(clippy::disallowed_methods, reason = "a dedicated thread may block")]
        std::thread::sleep(APART);
        connection.write_all(piece(&epoch.elapsed().as_nanos().to_string()).as_bytes())?;
    }
    connection.write_all(DONE.as_bytes())?;
    connection.shutdown(Shutdown::Write)?;
    // Closing before everything the client sent was read would reset the connection.
    std::io::copy(&mut connection, &mut std::io::sink())?;
    Ok(())
}

/// Sends one request; returns the latency of each chunk, sorted.
fn ask(client: &Client, base_url: &str, token: &str, epoch: Instant) -> Outcome<Vec<Duration>> {
    let question = json!({"stream": true, "messages": [{"role": "user", "content": "你好"}]});
    let request = client.post(format!("{base_url}/chat/completions")).bearer_auth(token).json(&question);
    let mut took = Vec::new();
    for line in BufReader::new(request.send()?.error_for_status()?).lines() {
        let arrived = epoch.elapsed();
        let line = line?;
        let Some(chunk) = line.strip_prefix("data: {") else { continue };
        let chunk: Value = serde_json::from_str(&format!("{{{chunk}"))?;
        let sent = chunk.pointer("/choices/0/delta/content").and_then(Value::as_str);
        let sent = Duration::from_nanos(sent.ok_or_else(|| chunk.to_string())?.parse()?);
        took.push(arrived.saturating_sub(sent));
    }
    if took.len() != PIECES {
        return Err(format!("{} pieces of {PIECES} arrived", took.len()).into());
    }
    took.sort_unstable();
    Ok(took)
}
