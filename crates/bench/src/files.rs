//! Speed and memory of large uploads and downloads.

use std::io::{self, Read, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use serde_json::Value;
use yilin_ipfs::CidHasher;
use yilin_testkit::form;

use crate::Outcome;
use crate::process::{Service, resident_kib};

/// Measures a large upload and a large download: throughput relative to hashing the same bytes on one core and, for the
/// upload, to writing them to the same disk, and how much the service's memory grows meanwhile.
pub(crate) fn measure(binary: &Path, mebibytes: u64, ipfs_api: Option<&str>) -> Outcome<()> {
    let size = mebibytes << 20;
    let hashing = hash(size)?;
    println!("files of {mebibytes} MiB; computing the CID: {}", Speed(size, hashing));
    let folder = tempfile::tempdir()?;
    let settings: Vec<_> = ipfs_api.map(|url| ("YILIN_IPFS_API", url)).into_iter().collect();
    let service = Service::start(binary, folder.path(), &settings)?;
    let client = Client::builder().timeout(None).build()?;
    let token = service.log_in(&client)?;
    // A small upload first, to exclude one-time allocations.
    let warm = upload(&service.url, &token, 1 << 20, 1)?;
    download(&client, &warm)?;

    let before = resident_kib(&service)?;
    let written_before = write(size, folder.path())?;
    let began = Instant::now();
    let url = upload(&service.url, &token, size, 1)?;
    let uploading = began.elapsed();
    let after_upload = resident_kib(&service)?;
    // Disks vary within seconds.
    let written_after = write(size, folder.path())?;
    let began = Instant::now();
    let received = download(&client, &url)?;
    let downloading = began.elapsed();
    let after_download = resident_kib(&service)?;
    if received != size {
        return Err(format!("{received} bytes came back of {size}").into());
    }
    for (name, took, peak) in
        [("upload  ", uploading, after_upload.peak), ("download", downloading, after_download.peak)]
    {
        println!(
            "  {name}  {}, {:.2} of hashing; memory {:.1} MiB idle, at most {:.1} MiB more",
            Speed(size, took),
            hashing.as_secs_f64() / took.as_secs_f64(),
            mib(before.now),
            mib(peak.saturating_sub(before.now)),
        );
    }
    let written = (written_before + written_after) / 2;
    println!(
        "  the same bytes written and synced before and after the upload: {}, {}; upload {:.2} of hashing and writing in turn",
        Speed(size, written_before),
        Speed(size, written_after),
        (hashing + written).as_secs_f64() / uploading.as_secs_f64(),
    );
    Ok(())
}

/// Kibibytes in mebibytes.
pub(crate) fn mib(kib: u32) -> f64 {
    f64::from(kib) / 1024.0
}

/// Throughput: bytes and the time they took.
struct Speed(u64, Duration);

impl std::fmt::Display for Speed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mebibytes = u32::try_from(self.0 >> 20).unwrap_or(u32::MAX);
        write!(f, "{:.0} MiB/s", f64::from(mebibytes) / self.1.as_secs_f64())
    }
}

/// Bytes that neither compression nor a block cache makes cheap.
struct Noise {
    state: u64,
    left: u64,
}

impl Noise {
    /// Bytes of this seed, which is not 0.
    fn new(size: u64, seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15), left: size }
    }
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let (filled, _) = buffer.split_at_mut(length);
        for chunk in filled.chunks_mut(8) {
            // xorshift64
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            let bytes = self.state.to_le_bytes();
            let (part, _) = bytes.split_at(chunk.len());
            chunk.copy_from_slice(part);
        }
        self.left -= u64::try_from(length).unwrap_or(self.left);
        Ok(length)
    }
}

/// Writes the bytes of a file to this folder, and removes it.
fn write(size: u64, folder: &Path) -> Outcome<Duration> {
    /// As much as the store writes at a time.
    const PIECE: usize = 64 * 1024;
    let mut file = tempfile::tempfile_in(folder)?;
    let mut noise = Noise::new(size, 2);
    let mut buffer = vec![0; PIECE];
    let mut writing = Duration::ZERO;
    loop {
        let read = noise.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        // Nor is generating them part of this.
        let began = Instant::now();
        file.write_all(bytes)?;
        writing += began.elapsed();
    }
    let began = Instant::now();
    file.sync_all()?;
    Ok(writing + began.elapsed())
}

fn hash(size: u64) -> Outcome<Duration> {
    let mut hasher = CidHasher::new();
    let mut noise = Noise::new(size, 1);
    let mut buffer = vec![0; 64 * 1024];
    let mut hashing = Duration::ZERO;
    loop {
        let read = noise.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        // Generating the bytes is not part of hashing them.
        let began = Instant::now();
        hasher.update(bytes);
        hashing += began.elapsed();
    }
    let began = Instant::now();
    hasher.finish().map_err(|problem| format!("no CID: {problem:?}"))?;
    Ok(hashing + began.elapsed())
}

/// Uploads noise; returns its URL. Over a plain connection: a client that hands its body from thread to thread takes as much
/// of the machine as the service does.
pub(crate) fn upload(service: &str, token: &str, size: u64, seed: u64) -> Outcome<String> {
    const PIECE: usize = 64 * 1024;
    let address = service.strip_prefix("http://").ok_or("no address")?;
    let mut stream = TcpStream::connect(address)?;
    let length = u64::try_from(form::HEAD.len() + form::TAIL.len())? + size;
    let kind = form::CONTENT_TYPE;
    write!(
        stream,
        "POST /api/upload HTTP/1.1\r\nhost: {address}\r\nauthorization: {token}\r\ncontent-type: {kind}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n"
    )?;
    let mut body = form::HEAD.as_bytes().chain(Noise::new(size, seed)).chain(form::TAIL.as_bytes());
    let mut buffer = vec![0; PIECE];
    loop {
        let read = body.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        stream.write_all(bytes)?;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, payload) = answer.split_once("\r\n\r\n").ok_or("no response")?;
    let payload: Value = serde_json::from_str(payload)?;
    Ok(payload.pointer("/data/0").and_then(Value::as_str).ok_or_else(|| payload.to_string())?.to_owned())
}

/// Downloads a file; returns the number of bytes received.
fn download(client: &Client, url: &str) -> Outcome<u64> {
    Ok(io::copy(&mut client.get(url).send()?.error_for_status()?, &mut io::sink())?)
}
