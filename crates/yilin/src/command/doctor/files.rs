//! The doctor's comparison of files with the records that name them.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;
use yilin_domain::file::ContentId;
use yilin_domain::port::{FileStore, PortError};
use yilin_ipfs::CidHasher;
use yilin_storage::{Snapshot, TransferError};

use super::report::Report;
use crate::backup::files_of_row;
use crate::error::StartError;
use crate::parts::{Parts, embedded_store};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::text::in_background;

/// How many files of a kind are named.
const NAMED: usize = 5;

/// Files that are not as the database says.
#[derive(Default)]
struct Found {
    files: u64,
    missing: Vec<String>,
    wrong: Vec<String>,
    orphans: Vec<String>,
}

/// Compares files with records.
pub(super) async fn examine(
    settings: &Settings,
    opened: &Parts,
    deep: bool,
    report: &mut Report,
) -> Result<(), StartError> {
    // First what is there, then what is known: a file that is added meanwhile is known, or not seen.
    let kept = match &opened.kubo {
        Some(_) => Vec::new(),
        None => embedded_store(settings)?.list(usize::MAX).await.map_err(StartError::ListFiles)?,
    };
    let url = settings.database.url();
    let known = match in_background(move || known_files(&url)).await? {
        Ok(known) => known,
        Err(error) => {
            report.failure("文件与记录 / files and records", &error);
            return Ok(());
        }
    };
    let mut found = match compare(&opened.files(), &known, deep).await {
        Ok(found) => found,
        Err(error) => {
            report.failure("文件库 / file store", &error);
            return Ok(());
        }
    };
    let is_orphan = |cid: &ContentId| !known.contains_key(cid.as_str());
    found.orphans = kept.iter().filter(|cid| is_orphan(cid)).map(|cid| cid.as_str().to_owned()).collect();
    tell(&found, deep, report);
    Ok(())
}

fn known_files(url: &str) -> Result<BTreeMap<String, u64>, TransferError> {
    let mut snapshot = Snapshot::open(url)?;
    let mut known = BTreeMap::new();
    for table in snapshot.tables()? {
        snapshot.read(&table, |row| {
            known.extend(files_of_row(&table, &row));
            Ok::<_, TransferError>(())
        })?;
    }
    Ok(known)
}

async fn compare(
    files: &Arc<dyn FileStore>,
    known: &BTreeMap<String, u64>,
    deep: bool,
) -> Result<Found, PortError> {
    let (mut found, progress) = (Found::default(), Progress::new("文件 files"));
    for (cid, size) in known {
        found.files += 1;
        progress.tell(found.files, 0);
        let Ok(id) = ContentId::parse(cid) else { continue };
        match files.size(&id).await? {
            None => found.missing.push(cid.clone()),
            Some(there) if there != *size => found.wrong.push(cid.clone()),
            Some(size) if deep && !is_whole(files, &id, size).await? => found.wrong.push(cid.clone()),
            Some(_) => {}
        }
    }
    progress.end();
    Ok(found)
}

async fn is_whole(files: &Arc<dyn FileStore>, cid: &ContentId, size: u64) -> Result<bool, PortError> {
    let Some(mut stream) = files.read(cid, 0..size).await? else { return Ok(false) };
    let mut hasher = CidHasher::new();
    while let Some(piece) = stream.next().await {
        let Ok(piece) = piece else { return Ok(false) };
        hasher.update(&piece);
    }
    Ok(hasher.finish().is_ok_and(|found| found == *cid))
}

fn tell(found: &Found, deep: bool, report: &mut Report) {
    let restore = "从备份恢复：备份的 files 文件夹中有同名文件 / take it from a backup: its folder `files` has it under the same name";
    if !found.missing.is_empty() {
        report.error(&format!("缺失文件 / files are missing: {}", some_of(&found.missing)), restore);
    }
    if !found.wrong.is_empty() {
        report.error(
            &format!("文件内容与 CID 不符 / files are not what their CIDs say: {}", some_of(&found.wrong)),
            restore,
        );
    }
    if !found.orphans.is_empty() {
        report.warning(
            &format!("没有记录的文件 / files that no record knows: {}", some_of(&found.orphans)),
            "上传中断所致时可忽略；恢复旧备份后也会出现 / none, if uploads were cut off or an older backup was restored",
        );
    }
    if found.missing.is_empty() && found.wrong.is_empty() {
        let how = if deep { "CID" } else { "--deep: CID" };
        report.fine("文件 / files", &format!("{} ({how})", found.files));
    }
}

fn some_of(cids: &[String]) -> String {
    let named = cids.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if cids.len() > NAMED { format!("{named} … ({})", cids.len()) } else { named }
}
