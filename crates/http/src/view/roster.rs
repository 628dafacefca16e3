//! Results and progress of imports.

use std::future::ready;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::roster::{ImportJob, ImportState, RowIssue};
use yilin_domain::time::HospitalZone;
use yilin_domain::usecase::ImportReport;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::error::{ApiError, Language};
use yilin_web::roster_words;

use crate::reply::{Answer, One, Reply, envelope};

/// Number of rows of a report written at a time.
const ROWS: usize = 500;
/// The end of a report, after the rows, which come last.
const TAIL: &str = "]}]}";

/// The result of an import.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub(crate) struct ImportReportView {
    /// Rows imported as accounts; in a dry run, rows that would be.
    imported: u64,
    /// Rows whose phone number is taken, by an account or by an earlier row.
    skipped: u64,
    /// Rows that must be corrected.
    failed: u64,
    /// The import's id, for `importJob` and `importReport`.
    job: String,
    dry_run: bool,
    atomic: bool,
    /// Unrecognised headers.
    unknown_columns: Vec<UnknownColumnView>,
    /// Sheets skipped because none of their headers is recognised.
    ignored_sheets: Vec<String>,
    /// The rows that were not imported: failed ones first, then skipped ones.
    rows: Vec<ImportRowView>,
}

/// A row that was not imported.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportRow)]
pub(crate) struct ImportRowView {
    /// The sheet's name; empty for CSV.
    #[schema(example = "患者")]
    sheet: String,
    /// The row number as displayed by spreadsheet programs.
    #[schema(example = 7)]
    row: u32,
    /// The stable machine-readable code of the first problem.
    #[schema(example = "phone.invalid")]
    error: &'static str,
    /// All problems: the column, and how to correct it.
    msg: String,
}

/// An unrecognised header.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnknownColumn)]
pub(crate) struct UnknownColumnView {
    sheet: String,
    column: String,
}

impl ImportReportView {
    /// The response with a report. There may be many rows, so they are written while they are sent.
    pub(crate) fn answer(report: ImportReport, language: Language) -> Answer<One<Self>> {
        let results = u32::try_from(report.counts.imported).unwrap_or(u32::MAX);
        let disclosure =
            Disclosure { results: Some(results), ..Disclosure::of("import", &report.job.id, None) };
        let head = serde_json::to_string(&envelope(vec![Self::without_rows(&report)]));
        let mut head = head.map_err(ApiError::internal)?;
        head.truncate(head.len().saturating_sub(TAIL.len()));
        let rows = stream::unfold((report, 0), move |(report, at)| async move {
            let end = report.issues.len().min(at + ROWS);
            let issues = report.issues.get(at..end).filter(|issues| !issues.is_empty())?;
            let written = write_rows(&report, issues, at == 0, language);
            Some((written, (report, end)))
        });
        let body = stream::once(ready(Ok(Bytes::from(head))))
            .chain(rows)
            .chain(stream::once(ready(Ok(Bytes::from_static(TAIL.as_bytes())))));
        let response = HttpResponse::Ok().content_type(ContentType::json()).streaming(body);
        Ok(Reply::of(response).disclosing(disclosure))
    }

    fn without_rows(report: &ImportReport) -> Self {
        let unknown = report.unknown_columns.iter().cloned();
        Self {
            imported: report.counts.imported,
            skipped: report.counts.skipped,
            failed: report.counts.failed,
            job: report.job.id.to_string(),
            dry_run: report.job.options.dry_run,
            atomic: report.job.options.atomic,
            unknown_columns: unknown.map(|(sheet, column)| UnknownColumnView { sheet, column }).collect(),
            ignored_sheets: report.ignored_sheets.clone(),
            rows: Vec::new(),
        }
    }
}

fn write_rows(
    report: &ImportReport,
    issues: &[RowIssue],
    first: bool,
    language: Language,
) -> Result<Bytes, ApiError> {
    let mut json = Vec::new();
    for (place, issue) in issues.iter().enumerate() {
        if !first || place > 0 {
            json.push(b',');
        }
        let row = ImportRowView::new(report, issue, language);
        serde_json::to_writer(&mut json, &row).map_err(ApiError::internal)?;
    }
    Ok(json.into())
}

impl ImportRowView {
    fn new(report: &ImportReport, issue: &RowIssue, language: Language) -> Self {
        Self {
            sheet: report.sheet(issue).to_owned(),
            row: issue.row,
            error: issue.problems.first().map(|problem| problem.slug()).unwrap_or_default(),
            msg: roster_words::all_of(&issue.problems, language),
        }
    }
}

/// The state of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportState)]
#[serde(rename_all = "lowercase")]
enum JobState {
    Running,
    Done,
    Failed,
    Interrupted,
}

/// The progress of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportJob)]
pub(crate) struct ImportJobView {
    id: String,
    state: JobState,
    /// The machine-readable code of the reason why it failed or stopped.
    error: Option<&'static str>,
    /// The reason why it failed or stopped, and how to proceed.
    msg: Option<String>,
    /// Rows in the file; 0 until it has been read.
    total: u64,
    imported: u64,
    skipped: u64,
    failed: u64,
    dry_run: bool,
    atomic: bool,
    /// The uuid of the account that started it.
    started_by: String,
    #[schema(example = "2024-03-02 20:30:00")]
    start_time: String,
    /// Time of the last heartbeat.
    #[schema(example = "2024-03-02 20:30:05")]
    update_time: String,
}

impl ImportJobView {
    pub(crate) fn new(job: &ImportJob, language: Language, zone: HospitalZone) -> Self {
        let stays = || {
            let words = match language {
                Language::Chinese => "导入中途停止，已导入的行仍然有效，请重新上传同一文件以继续",
                Language::English => {
                    "The import was interrupted; accounts already imported are kept. Upload the same file again to continue"
                }
            };
            words.to_owned()
        };
        let (state, trouble) = match job.state {
            ImportState::Running => (JobState::Running, None),
            ImportState::Done => (JobState::Done, None),
            ImportState::Failed(Some(fault)) => {
                (JobState::Failed, Some((fault.slug(), roster_words::fault_words(fault, language))))
            }
            ImportState::Failed(None) => (JobState::Failed, Some(("service.internal", stays()))),
            ImportState::Interrupted => (JobState::Interrupted, Some(("import.interrupted", stays()))),
        };
        Self {
            id: job.id.to_string(),
            state,
            error: trouble.as_ref().map(|(slug, _)| *slug),
            msg: trouble.map(|(_, words)| words),
            total: job.counts.total,
            imported: job.counts.imported,
            skipped: job.counts.skipped,
            failed: job.counts.failed,
            dry_run: job.options.dry_run,
            atomic: job.options.atomic,
            started_by: job.started_by.to_string(),
            start_time: zone.render(job.started_at),
            update_time: zone.render(job.last_heartbeat_at),
        }
    }
}

/// Only numbers, and no names.
impl Discloses for ImportJobView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("import", &self.id, None)
    }
}
