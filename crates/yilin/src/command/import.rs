//! `yilin import`.

use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use yilin_domain::account::Actor;
use yilin_domain::audit::AuditAction;
use yilin_domain::port::{ByteStream, Ports};
use yilin_domain::roster::{ImportCounts, ImportOptions};
use yilin_domain::session::SessionId;
use yilin_domain::usecase::{ImportReport, RosterImport, UseCases};

use crate::audit::CommandLog;
use crate::error::StartError;
use crate::guard;
use crate::output::{say, tell};
use crate::parts::{Parts, database_error, use_cases};
use crate::secret::signing_secret;
use crate::settings::Settings;

/// Maximum number of printed rows that were not imported; the report has all.
const PRINTED: usize = 100;
/// Rows per progress line if there is no terminal.
const ROWS_PER_LINE: u64 = 5000;

/// The file and the options of an import.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ImportArguments {
    /// 名单文件：.xlsx、.xls、.ods 或 .csv / the roster: .xlsx, .xls, .ods or .csv
    file: PathBuf,
    /// 只检查，不导入 / only report what would happen
    #[arg(long)]
    dry_run: bool,
    /// 全部导入，或一行也不导入 / import all rows or none
    #[arg(long)]
    atomic: bool,
    /// 把需要修改的行写入这个 .xlsx 文件 / write the rows to correct to this .xlsx file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Imports a roster like the HTTP route, on behalf of the first admin.
pub(crate) async fn import(settings: &Settings, arguments: &ImportArguments) -> Result<(), StartError> {
    let content = content_of(&arguments.file)?;
    let opened = Parts::open(settings).await?;
    let secret = signing_secret(settings, &opened.storage, &*opened.random).await?;
    let ports = opened.usual_ports();
    let use_cases = use_cases(settings, ports.clone(), &secret, &settings.public_url(settings.bind)?)?;
    guard::refuse_default_passwords(settings, &ports, &use_cases).await?;
    let log =
        CommandLog::open(settings, &opened, "import", AuditAction::Create, ("import", String::new())).await?;
    let admin = admin(settings, &ports, &use_cases, &log).await?;

    let options = ImportOptions { dry_run: arguments.dry_run, atomic: arguments.atomic };
    let imports = &use_cases.roster_import;
    let arrived = imports.receive(&admin, content, RosterImport::MAX_BYTES, options).await?;
    let (id, progress) = (arrived.job.id, Progress::new());
    let report = imports.run(arrived, &|counts| progress.show(counts)).await;
    log.close().await;
    let report = report?;
    progress.end();
    print(&report);
    if let Some(path) = &arguments.report {
        let header = "错误说明 / What to correct";
        let workbook =
            imports.report_workbook(&admin, id, header, &yilin_web::roster_words::row_problems).await?;
        // It has names and phone numbers.
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
        file.and_then(|mut file| file.write_all(&workbook))
            .map_err(|source| StartError::WriteFile { path: path.clone(), source })?;
    }
    let rejected = report.counts.failed > 0 || (options.atomic && !report.issues.is_empty());
    if rejected { Err(StartError::NotAllImported { failed: report.counts.failed }) } else { Ok(()) }
}

fn content_of(path: &Path) -> Result<ByteStream, StartError> {
    let unreadable = |source| StartError::ReadFile { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > RosterImport::MAX_BYTES {
        return Err(StartError::RosterTooLarge { megabytes: RosterImport::MAX_BYTES >> 20 });
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Ok(stream::iter([Ok(bytes.into())]).boxed())
}

/// The account that the import is attributed to: the first admin, created if necessary.
async fn admin(
    settings: &Settings,
    ports: &Ports,
    use_cases: &UseCases,
    log: &CommandLog,
) -> Result<Actor, StartError> {
    let setup = use_cases.setup.clone().within(log.origin());
    setup.ensure_admin(&settings.admin_username, settings.admin_password.reveal()).await?;
    let admins = ports.accounts.admins().await.map_err(|source| database_error(settings, source))?;
    let name = || settings.admin_username.as_str().to_owned();
    let admin = &admins.first().ok_or_else(|| StartError::NoSuchAdmin { name: name() })?.account;
    let admin = Actor::new(admin.uuid, admin.role, SessionId::from_bytes([0; 16]));
    Ok(admin.within(Some(log.origin())))
}

/// Progress: a bar on a terminal, otherwise a line at intervals.
struct Progress {
    bar: Option<ProgressBar>,
    told: AtomicU64,
}

impl Progress {
    fn new() -> Self {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {elapsed}");
        let bar = std::io::stderr().is_terminal().then(|| ProgressBar::new(0));
        let bar = bar.map(|bar| match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        });
        Self { bar, told: AtomicU64::new(0) }
    }

    fn show(&self, counts: ImportCounts) {
        let done = counts.imported + counts.skipped + counts.failed;
        if let Some(bar) = &self.bar {
            bar.set_length(counts.total);
            bar.set_position(done);
        } else if done / ROWS_PER_LINE > self.told.swap(done, Ordering::Relaxed) / ROWS_PER_LINE {
            tell!("{done}/{}", counts.total);
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish();
        }
    }
}

fn print(report: &ImportReport) {
    let counts = report.counts;
    let dry =
        if report.job.options.dry_run { "（试运行，未写入 / dry run, nothing stored）" } else { "" };
    say!(
        "导入 imported {}，跳过 skipped {}，失败 failed {}{dry}",
        counts.imported,
        counts.skipped,
        counts.failed
    );
    for (sheet, column) in &report.unknown_columns {
        say!("  未识别的列 unknown column: {sheet} {column}");
    }
    for sheet in &report.ignored_sheets {
        say!("  未读取的工作表 sheet skipped: {sheet}");
    }
    for issue in report.issues.iter().take(PRINTED) {
        say!(
            "  {} {}: {}",
            report.sheet(issue),
            issue.row,
            yilin_web::roster_words::row_problems(&issue.problems)
        );
    }
    if let Some(more) = report.issues.len().checked_sub(PRINTED).filter(|more| *more > 0) {
        say!("  …… 另有 {more} 行 / {more} more rows");
    }
}
