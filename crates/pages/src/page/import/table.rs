//! Imports in a list.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::roster::{ImportJob, ImportState};
use yilin_domain::usecase::ImportActivity;

use super::job;
use crate::console::Console;
use crate::parts::{Tag, Tone, When, markup};
use crate::texts::Texts;

/// Imports in progress and recent ones.
#[derive(Template)]
#[template(path = "parts/import_table.html")]
pub(in crate::page) struct ImportTable {
    texts: Texts,
    rows: Vec<ImportRow>,
}
markup!(ImportTable);

struct ImportRow {
    path: String,
    when: When,
    state: Tag,
    /// What became of its rows.
    counts: Cow<'static, str>,
}

impl ImportTable {
    /// At most `limit` of them: what is in progress first, then what needs attention.
    pub(in crate::page) fn new(activity: &ImportActivity, limit: usize, console: &Console) -> Self {
        let ImportActivity { running, failed, done } = activity;
        let jobs = running.iter().chain(failed).chain(done).take(limit);
        Self { texts: console.texts, rows: jobs.map(|job| ImportRow::new(job, console)).collect() }
    }

    pub(in crate::page) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl ImportRow {
    fn new(job: &ImportJob, console: &Console) -> Self {
        Self {
            path: job::path(job.id),
            when: console.clock().moment(job.started_at),
            state: state(job, console.texts),
            counts: counts(job, console.texts),
        }
    }
}

fn state(job: &ImportJob, texts: Texts) -> Tag {
    let tone = match job.state {
        ImportState::Running => Tone::Accent,
        ImportState::Done => Tone::Success,
        ImportState::Failed(_) | ImportState::Interrupted => Tone::Danger,
    };
    Tag { tone, text: texts.text(state_name(job)) }
}

/// The name of an import's state.
pub(super) const fn state_name(job: &ImportJob) -> &'static str {
    match (job.state, job.options.dry_run) {
        (ImportState::Running, true) => "import-checking",
        (ImportState::Running, false) => "import-running",
        (ImportState::Done, true) => "import-checked",
        (ImportState::Done, false) => "import-done",
        (ImportState::Failed(_), _) => "import-failed",
        (ImportState::Interrupted, _) => "import-interrupted",
    }
}

/// What became of the rows of an import.
pub(super) fn counts(job: &ImportJob, texts: Texts) -> Cow<'static, str> {
    let counts = job.counts;
    let values: [(&'static str, &dyn std::fmt::Display); 3] =
        [("imported", &counts.imported), ("skipped", &counts.skipped), ("failed", &counts.failed)];
    texts.with_all(if job.options.dry_run { "import-would" } else { "import-counts" }, &values)
}
