//! What became of an import, and the rows that were left out.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::roster::{ImportJob, ImportRemarks, ImportState, KeptRow};
use yilin_domain::usecase::ImportOutcome;
use yilin_web::roster_words;

use super::job::path;
use super::table::counts;
use crate::parts::{Icon, markup};
use crate::texts::Texts;

/// Rows shown.
const SHOWN: usize = 100;

/// What became of an import.
#[derive(Template)]
#[template(path = "parts/import_report.html")]
pub(super) struct ReportView {
    /// The look of the notices.
    class: &'static str,
    icon: Icon,
    /// What happened, and what to do.
    notices: Vec<Cow<'static, str>>,
    facts: Vec<(Cow<'static, str>, u64)>,
    /// What of the file is not used.
    remarks: Vec<Cow<'static, str>>,
}
markup!(ReportView);

/// The rows that are not imported.
#[derive(Template)]
#[template(path = "parts/import_rows.html")]
pub(super) struct LeftOut {
    texts: Texts,
    rows: Vec<LeftOutRow>,
    /// There are more than are shown.
    has_more: bool,
    /// The workbook with the rows to correct, if there are any.
    workbook: Option<String>,
}
markup!(LeftOut);

/// A row that is not imported.
struct LeftOutRow {
    sheet: String,
    row: u32,
    why: String,
    is_skip: bool,
}

impl LeftOut {
    /// `None` if every row is imported.
    pub(super) fn new(outcome: &ImportOutcome, texts: Texts) -> Option<Self> {
        let ImportOutcome { job, left_out, .. } = outcome;
        let to_correct = left_out.iter().any(|row| job.options.atomic || !row.is_skip());
        (!left_out.is_empty()).then(|| Self {
            texts,
            rows: left_out.iter().take(SHOWN).map(|row| LeftOutRow::new(row, texts)).collect(),
            has_more: job.counts.failed + job.counts.skipped > number(left_out.len().min(SHOWN)),
            workbook: to_correct.then(|| format!("{}/rows", path(job.id))),
        })
    }
}

impl LeftOutRow {
    fn new(row: &KeptRow, texts: Texts) -> Self {
        Self {
            sheet: row.sheet.clone(),
            row: row.row,
            why: roster_words::all_of(&row.problems, texts.0),
            is_skip: row.is_skip(),
        }
    }
}

impl ReportView {
    pub(super) fn new(outcome: &ImportOutcome, texts: Texts) -> Self {
        let job = &outcome.job;
        let has_result = job.state == ImportState::Done;
        let names = if job.options.dry_run {
            ["import-importable", "import-to-skip", "import-to-correct"]
        } else {
            ["import-imported", "import-skipped", "import-to-correct"]
        };
        let numbers = [job.counts.imported, job.counts.skipped, job.counts.failed];
        let facts = names.into_iter().zip(numbers).map(|(name, number)| (texts.text(name), number));
        let (class, icon) = look(outcome);
        Self {
            class,
            icon,
            notices: notices(outcome, texts),
            remarks: remarks(&outcome.remarks, texts),
            facts: if has_result { facts.collect() } else { Vec::new() },
        }
    }
}

/// What of the file is not used, and what to do.
fn remarks(of: &ImportRemarks, texts: Texts) -> Vec<Cow<'static, str>> {
    let columns = of.unknown_columns.iter().map(|(sheet, column)| match sheet.as_str() {
        "" => column.clone(),
        sheet => format!("{sheet} › {column}"),
    });
    let tell = |names: &[String], key| {
        (!names.is_empty()).then(|| texts.with(key, "names", names.join(texts.separator())))
    };
    let columns = tell(&columns.collect::<Vec<_>>(), "import-unknown-columns");
    columns.into_iter().chain(tell(&of.ignored_sheets, "import-ignored-sheets")).collect()
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The class and the icon of the notices.
fn look(outcome: &ImportOutcome) -> (&'static str, Icon) {
    let job = &outcome.job;
    match job.state {
        ImportState::Done if job.options.dry_run && !outcome.is_held => ("notice-warning", Icon::Alert),
        ImportState::Done if job.counts.failed > 0 => ("notice-warning", Icon::Alert),
        ImportState::Done | ImportState::Running => ("notice-success", Icon::Check),
        ImportState::Failed(_) | ImportState::Interrupted => ("notice-danger", Icon::Alert),
    }
}

/// What happened, and what to do.
fn notices(outcome: &ImportOutcome, texts: Texts) -> Vec<Cow<'static, str>> {
    let ImportOutcome { job, is_held, follower, .. } = outcome;
    match (job.state, job.options.dry_run) {
        (ImportState::Running, _) => Vec::new(),
        (ImportState::Done, true) if follower.is_some() => vec![texts.text("import-was-started")],
        (ImportState::Done, true) if job.counts.total == 0 => vec![texts.text("import-nobody")],
        (ImportState::Done, true) if job.counts.imported == 0 => {
            vec![texts.text(if job.counts.failed == 0 { "import-all-known" } else { "import-nothing-new" })]
        }
        (ImportState::Done, true) if !is_held => vec![texts.text("import-file-gone")],
        (ImportState::Done, true) => vec![texts.count("import-decide", job.counts.imported)],
        (ImportState::Done, false) => vec![counts(job, texts)],
        (ImportState::Failed(Some(fault)), _) => vec![roster_words::fault_words(fault, texts.0).into()],
        (ImportState::Failed(None) | ImportState::Interrupted, true) => {
            vec![texts.text("import-check-again")]
        }
        (ImportState::Failed(None) | ImportState::Interrupted, false) => stopped(job, texts),
    }
}

fn stopped(job: &ImportJob, texts: Texts) -> Vec<Cow<'static, str>> {
    vec![texts.count("import-stopped", job.counts.imported), texts.text("import-go-on")]
}
