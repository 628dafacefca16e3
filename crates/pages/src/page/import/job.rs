//! One import: its progress, its result, and the start of the import after a check.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use yilin_domain::audit::AuditAction::{Create, Read};
use yilin_domain::error::Error;
use yilin_domain::roster::{ImportJob, ImportJobId, ImportState};
use yilin_domain::usecase::{FileGone, ImportOutcome};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::NoFields;
use yilin_web::roster_words;
use yilin_web::route::{Record, Route, get, post};

use super::report::{LeftOut, ReportView};
use super::table::state_name;
use crate::answer::{Answer, PageResult, View, WORKBOOK, file, page_with, see_other};
use crate::console::Console;
use crate::form::{Form, Posted, Sent};
use crate::id::Id;
use crate::parts::{When, markup};
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) fn routes() -> Vec<Route> {
    let id = Record::Field("id");
    vec![
        get("/console/import/{id}", "consoleImport", show)
            .errors([Error::NotFound])
            .audited(Read, "import", id),
        post("/console/import/{id}", "consoleImportStart", start).audited(Create, "import", id),
        // Only numbers.
        get("/console/import/{id}/progress", "consoleImportProgress", progress).not_audited(),
        get("/console/import/{id}/rows", "consoleImportRows", rows).audited(Read, "import", id),
    ]
}

/// The path of an import's page.
pub(super) fn path(id: ImportJobId) -> String {
    format!("{}/{id}", super::PATH)
}

/// How far an import is.
#[derive(Template)]
#[template(path = "parts/import_progress.html")]
struct ProgressView {
    /// Where a fresh one is.
    path: String,
    label: Cow<'static, str>,
    about: Cow<'static, str>,
    /// Rows processed and rows of the file, once it has been read.
    rows: Option<(u64, u64)>,
}
markup!(ProgressView);

impl ProgressView {
    /// `None` if it has ended.
    fn of(job: &ImportJob, texts: Texts) -> Option<Self> {
        if job.state != ImportState::Running {
            return None;
        }
        let counts = job.counts;
        let (done, all) = (counts.imported + counts.skipped + counts.failed, counts.total);
        let about = match (all, job.options.dry_run) {
            (0, _) => texts.text("import-reading"),
            (_, true) => texts.with_all("import-progress-check", &[("done", &done), ("all", &all)]),
            (_, false) => texts.with_all("import-progress", &[("done", &done), ("all", &all)]),
        };
        Some(Self {
            path: format!("{}/progress", path(job.id)),
            label: texts.text(state_name(job)),
            about,
            rows: (all > 0).then_some((done.min(all), all)),
        })
    }
}

/// One import.
#[derive(Template)]
#[template(path = "page/import.html")]
struct ImportPage {
    ui: Ui,
    id: String,
    started: When,
    by: String,
    progress: Option<ProgressView>,
    report: Option<ReportView>,
    left_out: Option<LeftOut>,
    /// The form that starts the import of a file that was checked.
    form: Option<Form>,
    /// The import that was started with this file.
    follower: Option<String>,
}

impl ImportPage {
    /// Where another file is chosen.
    const AGAIN: &'static str = super::PATH;
}

impl Discloses for ImportPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("import", &self.id, None)
    }
}

impl View for ImportPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Id(id): Id<ImportJobId>) -> PageResult {
    tell(&console, id, StatusCode::OK).await
}

async fn tell(console: &Console, id: ImportJobId, status: StatusCode) -> PageResult {
    let outcome = console.use_cases().roster_import.outcome(&console.actor, id).await?;
    let (texts, job) = (console.texts, &outcome.job);
    let progress = ProgressView::of(job, texts);
    let view = ImportPage {
        ui: console.ui(Section::People, state_name(job)),
        id: id.to_string(),
        started: console.clock().moment(job.started_at),
        by: outcome.started_by.as_ref().map(|by| by.username.as_str().to_owned()).unwrap_or_default(),
        report: progress.is_none().then(|| ReportView::new(&outcome, texts)),
        left_out: LeftOut::new(&outcome, texts),
        progress,
        form: start_form(console, &outcome),
        follower: outcome.follower.map(path),
    };
    page_with(status, &view)
}

/// The form that starts the import, if that is possible.
fn start_form(console: &Console, outcome: &ImportOutcome) -> Option<Form> {
    let ImportOutcome { job, is_held, follower, .. } = outcome;
    let can_start = *is_held && follower.is_none() && job.counts.imported > 0;
    can_start.then(|| {
        let submit = console.texts.count("import-do", job.counts.imported);
        Form::of(console, path(job.id), &Sent::default(), submit)
            .or_back(super::PATH, console.texts.text("import-other"))
    })
}

async fn start(posted: Posted<NoFields>, Id(id): Id<ImportJobId>) -> PageResult {
    let console = posted.console;
    match console.use_cases().roster_import.start(&console.actor, id).await? {
        // Sent twice: both lead to the same import.
        Ok(job) => Ok(see_other(path(job.id))),
        Err(FileGone) => tell(&console, id, StatusCode::CONFLICT).await,
    }
}

/// The progress alone, for a script; no content once the import has ended.
async fn progress(console: Console, Id(id): Id<ImportJobId>) -> PageResult {
    let job = console.use_cases().roster_import.find(&console.actor, Some(id)).await?;
    match ProgressView::of(&job, console.texts) {
        Some(view) => Answer::fragment(&view, console.texts),
        None => {
            Ok(Answer::of(HttpResponse::NoContent().insert_header(("cache-control", "no-store")).finish()))
        }
    }
}

/// The rows to correct, as a workbook.
async fn rows(console: Console, Id(id): Id<ImportJobId>) -> PageResult {
    let language = console.texts.0;
    let tell = move |problems: &[_]| roster_words::all_of(problems, language);
    let header = roster_words::told_header(language);
    let imports = &console.use_cases().roster_import;
    let workbook = imports.report_workbook(&console.actor, id, header, &tell).await?;
    Ok(file("yilin-roster-report.xlsx", WORKBOOK, workbook, Disclosure::of("import", &id, None)))
}
