//! Examines an installation: what is wrong, and what to do about it.

mod checks;
mod files;
mod outside;
mod report;

use std::path::PathBuf;

use crate::error::StartError;
use crate::parts::{Parts, open_storage};
use crate::settings::Settings;

use report::Report;

/// How much is examined.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DoctorArguments {
    /// 同时重新计算每个文件的 CID（耗时） / also compute every file's CID anew, which takes long
    #[arg(long)]
    deep: bool,
    /// 另存的审计链头，默认为数据文件夹中的 audit-heads.txt / kept heads of the audit log [DATA_DIR/audit-heads.txt]
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
}

/// Examines everything, also while the service runs, and says what to do about each trouble. As monitoring plugins do, it
/// ends with 0 if all is well, 1 with warnings, and 2 with errors.
pub(crate) async fn doctor(settings: &Settings, arguments: DoctorArguments) -> Result<(), StartError> {
    let mut report = Report::new();
    checks::settings(settings, &mut report);
    checks::permissions(settings, &mut report);
    checks::disk(settings, &mut report);
    match examine_database(settings, &mut report).await {
        Some(opened) => {
            checks::totals(&opened, &mut report).await;
            checks::clock(&opened, &mut report).await;
            checks::passwords(settings, &opened, &mut report).await;
            checks::audit(settings, &opened, arguments.heads, &mut report).await;
            outside::node(&opened, &mut report).await;
            outside::webhooks(settings, &opened, &mut report).await;
            files::examine(settings, &opened, arguments.deep, &mut report).await?;
        }
        None => report.error(
            "其余检查需要数据库 / the other checks need the database",
            "先解决上面的问题 / solve the above first",
        ),
    }
    outside::model(settings, &mut report).await;
    report.end()
}

/// The database, if it can be worked with.
async fn examine_database(settings: &Settings, report: &mut Report) -> Option<Parts> {
    let storage = match open_storage(settings).await {
        Ok(storage) => storage,
        Err(error) => {
            report.failure("数据库 / database", &error);
            return None;
        }
    };
    checks::server(settings, &storage, report).await;
    match Parts::of(settings, storage).await {
        Ok(opened) => {
            report.fine("数据库及其表 / the database and its tables", &settings.describe_database());
            Some(opened)
        }
        Err(error) => {
            report.failure("数据库及其表 / the database and its tables", &error);
            None
        }
    }
}
