//! Rows that are no rates of requests.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use reqwest::blocking::Client;
use tokio::runtime::Runtime;
use yilin_domain::list::BATCH_SIZE;

use super::house::House;
use super::statements;
use crate::Outcome;
use crate::files::{self, mib};
use crate::process::resident_kib;

/// The complete list of all inquiries: how fast it arrives, and how much memory it takes.
pub(crate) fn complete_list(house: &House, runtime: &Runtime) -> Outcome<String> {
    let client = Client::builder().timeout(None).build()?;
    let before = resident_kib(&house.service)?;
    let began = Instant::now();
    let url = format!("{}/api/inquiry/queryAllInquiryRecord", house.service.url);
    let mut answer =
        client.get(url).header("authorization", &house.scene.admin.token).send()?.error_for_status()?;
    let bytes = std::io::copy(&mut answer, &mut std::io::sink())?;
    let took = began.elapsed().as_secs_f64();
    let more = mib(resident_kib(&house.service)?.peak.saturating_sub(before.now));
    let visits = house.scene.plan.visits;
    let rate = |number: u64, took: f64| Outcome::Ok(f64::from(u32::try_from(number)?) / took);
    let mut text = format!(
        "{:.0} rows/s, {:.1} MiB/s, {took:.1} s; at most {more:.1} MiB more memory",
        rate(visits, took)?,
        rate(bytes >> 10, took)? / 1024.0,
    );
    if let Some(url) = &house.database {
        let began = Instant::now();
        let rows = runtime.block_on(statements::complete_list(url, BATCH_SIZE))?;
        let raw = rate(rows, began.elapsed().as_secs_f64())?;
        write!(text, "; raw {raw:.0} rows/s, ratio {:.2}", rate(visits, took)? / raw)?;
    }
    Ok(text)
}

/// Resident memory now, against what it was when idle.
pub(crate) fn memory(house: &House, idle_kib: u32) -> Outcome<String> {
    let after = resident_kib(&house.service)?;
    Ok(format!(
        "{:.1} MiB idle, {:.1} MiB after all of this, at most {:.1} MiB",
        mib(idle_kib),
        mib(after.now),
        mib(after.peak)
    ))
}

/// Uploads and downloads.
pub(crate) fn transfers(binary: &Path, mebibytes: u64) -> Outcome<()> {
    files::measure(binary, mebibytes, None)
}

/// The binary's size.
pub(crate) fn binary(binary: &Path) -> Outcome<String> {
    let bytes = std::fs::metadata(binary)?.len();
    Ok(format!("{:.1} MB", mib(u32::try_from(bytes >> 10)?) * 1.048_576))
}
