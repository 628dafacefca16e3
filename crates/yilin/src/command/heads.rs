//! `yilin audit heads`: keeps the heads of the audit chains elsewhere.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use yilin_domain::audit::ChainHead;
use yilin_domain::port::Clock as _;
use yilin_domain::time::Timestamp;
use yilin_domain::usecase::verify_audit_log;

use crate::error::StartError;
use crate::output::{say, tell};
use crate::parts::{Parts, database_error};
use crate::settings::Settings;

/// How long another machine may take to accept heads.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most bytes of earlier heads that are compared: some ten years of nights.
const MOST_KEPT: u64 = 256 << 20;

/// Where the heads of the audit log are kept.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct HeadsArguments {
    /// 追加到此文件，或以 POST 发送到此网址 / append to this file, or POST to this URL
    #[arg(long, value_name = "FILE|URL", value_parser = parse_place)]
    to: HeadsPlace,
}

/// A place for heads.
#[derive(Debug, Clone)]
enum HeadsPlace {
    File(PathBuf),
    Url(url::Url),
}

/// The URL is not one that takes heads.
#[derive(Debug, thiserror::Error)]
#[error("须为文件或 http(s) 网址 / must be a file or an http(s) URL")]
struct NotAPlace;

fn parse_place(text: &str) -> Result<HeadsPlace, NotAPlace> {
    if !text.contains("://") {
        return Ok(HeadsPlace::File(text.into()));
    }
    let url = url::Url::parse(text).map_err(|_| NotAPlace)?;
    if ["http", "https"].contains(&url.scheme()) { Ok(HeadsPlace::Url(url)) } else { Err(NotAPlace) }
}

/// Why heads were not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeadsError {
    /// The file cannot be read or written.
    #[error("无法读写 / cannot read or write {}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The other machine was not reached.
    #[error("无法发送链头 / cannot send the heads")]
    Send(#[source] reqwest::Error),
    /// The other machine did not accept them.
    #[error("对方未接受链头：{status} / the heads were not accepted: {status}")]
    NotAccepted {
        /// What it answered.
        status: u16,
    },
}

impl HeadsError {
    /// There is no file of this name.
    pub(super) fn missing(path: PathBuf) -> Self {
        Self::File { path, source: std::io::ErrorKind::NotFound.into() }
    }
}

/// Verifies the audit log, against the heads that the file has already, and keeps its heads elsewhere.
pub(crate) async fn keep_heads(settings: &Settings, arguments: &HeadsArguments) -> Result<(), StartError> {
    let opened = Parts::open(settings).await?;
    let kept = match &arguments.to {
        HeadsPlace::File(path) => read_heads(path)?,
        HeadsPlace::Url(_) => Vec::new(),
    };
    let verified = verify_audit_log(&*opened.storage.audit(), &kept).await;
    let verified = verified.map_err(|source| database_error(settings, source))?;
    for fault in &verified.faults {
        tell!("审计日志有误 / the audit log is damaged: {fault}");
    }
    let text = lines(&verified.heads, opened.clock.now());
    match &arguments.to {
        HeadsPlace::File(path) => {
            append(path, &text).map_err(|source| HeadsError::File { path: path.clone(), source })?;
        }
        HeadsPlace::Url(url) => send(url.clone(), text).await?,
    }
    say!("已保存 {0} 个链头 / {0} heads are kept", verified.heads.len());
    match verified.faults.len() {
        0 => Ok(()),
        chains => Err(StartError::AuditDamaged { chains }),
    }
}

/// One head a line, after the time.
fn lines(heads: &[ChainHead], at: Timestamp) -> String {
    let at = at.format("%Y-%m-%dT%H:%M:%SZ");
    heads.iter().fold(String::new(), |text, head| text + &format!("{at} {head}\n"))
}

/// The last head of each chain in the file: earlier ones of the same chain say nothing more. None if there is no file.
pub(super) fn read_heads(path: &Path) -> Result<Vec<ChainHead>, HeadsError> {
    let failed = |source| HeadsError::File { path: path.to_owned(), source };
    let mut text = String::new();
    match File::open(path) {
        Ok(file) => file.take(MOST_KEPT).read_to_string(&mut text).map_err(failed)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(failed(error)),
    };
    let mut last = std::collections::HashMap::new();
    for head in text.lines().filter_map(|line| line.split_whitespace().last()).filter_map(ChainHead::parse) {
        last.insert(head.chain, head);
    }
    Ok(last.into_values().collect())
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

async fn send(url: url::Url, text: String) -> Result<(), HeadsError> {
    let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
    let client = client.build().map_err(HeadsError::Send)?;
    let request = client.post(url).header("content-type", "text/plain; charset=utf-8").body(text);
    let answer = request.send().await.map_err(|error| HeadsError::Send(error.without_url()))?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(HeadsError::NotAccepted { status: status.as_u16() }) }
}
