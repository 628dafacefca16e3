//! Lists as files, which are sent while they are read.

use std::borrow::Cow;
use std::rc::Rc;

use actix_web::web::Bytes;
use askama::Template;
use futures_util::StreamExt as _;
use futures_util::future::ready;
use futures_util::{TryStreamExt as _, stream};
use yilin_domain::account::AccountUuid;
use yilin_domain::error::Error;
use yilin_domain::port::{ListFormat, ListHead};
use yilin_domain::usecase::ListExport;
use yilin_web::audit::{Disclosure, StreamRecorder};
use yilin_web::error::ApiError;
use yilin_web::input::{Choice, Choices, Selected};
use yilin_web::request;

use crate::answer::{Answer, PageResult, WORKBOOK, file_response};
use crate::console::Console;
use crate::parts::markup;
use crate::paths::with_parameter;
use crate::texts::Texts;

/// The parameter with the format.
const FORMAT: &str = "format";

/// The formats.
pub(crate) struct Formats;

impl Choices for Formats {
    type Value = ListFormat;
    const CHOICES: &'static [Choice<ListFormat>] =
        &[("xlsx", "export-workbook", || ListFormat::Workbook), ("csv", "export-csv", || ListFormat::Csv)];
}

request! {
    /// How a list is exported.
    pub(crate) struct Form {
        /// The format.
        format: Selected<Formats>,
    }
}

/// Links to a list as a file.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="screen export"><p class="help">{{ about }}</p><div class="actions">{% for (path, text) in links %}<a class="button" href="{{ path }}" download>{{ text }}</a>{% endfor %}</div></div>"#
)]
pub(crate) struct ExportLinks {
    about: Cow<'static, str>,
    links: Vec<(String, Cow<'static, str>)>,
}
markup!(ExportLinks);

impl ExportLinks {
    /// Links to the list at this address.
    pub(crate) fn of(texts: Texts, address: &str) -> Self {
        Self::new(texts, address, texts.text("export-about"))
    }

    /// Links to the list at this address, which has so many records.
    pub(crate) fn of_total(texts: Texts, address: &str, total: Cow<'static, str>) -> Self {
        Self::new(texts, address, texts.with("export-about-total", "total", total))
    }

    fn new(texts: Texts, address: &str, about: Cow<'static, str>) -> Self {
        let link =
            |(name, text, _): &Choice<ListFormat>| (with_parameter(address, FORMAT, name), texts.text(text));
        Self { about, links: Formats::CHOICES.iter().map(link).collect() }
    }
}

/// The beginning of a list with these columns, which are names of texts.
pub(crate) fn head(console: &Console, name: &'static str, columns: &[&'static str]) -> ListHead {
    let columns = columns.iter().map(|column| console.texts.text(column).into_owned());
    ListHead { name: console.texts.text(name).into_owned(), columns: columns.collect() }
}

/// Responds with a list as a file. The first batch is read before anything is sent, so that a failure at the start is an
/// ordinary error; a later one ends the connection without a valid ending. `patient` is whose data a row shows.
pub(crate) async fn list_file<T: Send + 'static>(
    console: &Console,
    stem: &str,
    format: ListFormat,
    export: ListExport<T>,
    row: impl Fn(&T) -> Vec<String> + 'static,
    patient: impl Fn(&T) -> Option<AccountUuid> + 'static,
) -> PageResult {
    let ListExport { mut batches, writer } = export;
    let first = batches.try_next().await?;
    let batches = stream::iter(first.map(Ok)).chain(batches).boxed();
    let recorder = StreamRecorder::default();
    let disclosure = Disclosure { stream: Some(recorder.clone()), ..Disclosure::nothing() };
    let (row, patient) = (Rc::new(row), Rc::new(patient));
    let pieces = stream::try_unfold(Some((batches, writer)), move |state| {
        let (recorder, row, patient) = (recorder.clone(), row.clone(), patient.clone());
        async move {
            let Some((mut batches, mut writer)) = state else { return Ok(None) };
            let Some(batch) = batches.try_next().await? else {
                return Ok(Some((writer.finish()?, None)));
            };
            let mut patients: Vec<_> = batch.iter().filter_map(|item| patient(item)).collect();
            patients.sort_unstable();
            patients.dedup();
            // Data only leave after their disclosure has been recorded.
            recorder.shown(patients).await?;
            let rows: Vec<_> = batch.iter().map(|item| row(item)).collect();
            Ok::<_, Error>(Some((writer.add(&rows)?, Some((batches, writer)))))
        }
    });
    let body = pieces
        // An empty piece would be taken for the end.
        .try_filter(|piece| ready(!piece.is_empty()))
        .map_ok(Bytes::from)
        .map_err(ApiError::from)
        .inspect_err(|error| tracing::error!(%error, "a list was interrupted while it was being sent"));
    let (extension, media_type) = match format {
        ListFormat::Workbook => ("xlsx", WORKBOOK),
        ListFormat::Csv => ("csv", "text/csv; charset=utf-8"),
    };
    let name = format!("yilin-{stem}-{}.{extension}", console.time().today());
    let mut response = file_response(&name, media_type).streaming(body);
    response.extensions_mut().insert(disclosure);
    Ok(Answer::of(response))
}
