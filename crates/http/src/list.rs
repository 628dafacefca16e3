//! List responses: one page, or the complete list as it is read.

use std::cell::Cell;
use std::future::ready;
use std::rc::Rc;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use yilin_domain::account::AccountUuid;
use yilin_domain::error::Error;
use yilin_domain::list::{Batches, Page, PageRequest};
use yilin_web::AnswerMemory;
use yilin_web::audit::{Discloses, Disclosure, StreamRecorder, distinct};
use yilin_web::error::ApiError;

use crate::reply::{Answer, List, Reply, success};

/// A list, newest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListView<T> {
    /// Number of records on all pages.
    total: u64,
    /// Number of pages.
    total_pages: u64,
    /// Page number, from 1.
    current_page: u64,
    /// The records of this page.
    list: Vec<T>,
}

/// By hand, because the derive would inline the element's schema instead of referring to it.
impl<T: ToSchema> ToSchema for ListView<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("{}List", T::name()).into()
    }
}

impl<T: ToSchema> PartialSchema for ListView<T> {
    fn schema() -> RefOr<Schema> {
        let number = |about: &str, least: i64| {
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(least))
                .description(Some(about))
                .build()
        };
        let rows = ArrayBuilder::new().items(utoipa::openapi::Ref::from_schema_name(T::name()));
        ObjectBuilder::new()
            .description(Some("A list, newest first"))
            .property("total", number("Number of records on all pages", 0))
            .required("total")
            .property("totalPages", number("Number of pages", 0))
            .required("totalPages")
            .property("currentPage", number("Page number", 1))
            .required("currentPage")
            .property("list", rows)
            .required("list")
            .into()
    }
}

impl<T: Discloses> Discloses for ListView<T> {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_all(self.list.iter())
    }
}

/// Responds with one page.
pub(crate) fn page<T, V: Serialize + Discloses>(
    page: &Page<T>,
    asked: PageRequest,
    view: impl Fn(&T) -> V,
) -> Reply<List<V>> {
    success(ListView {
        total: page.total,
        total_pages: page.total.div_ceil(u64::from(asked.size.max(1))),
        current_page: asked.number,
        list: page.items.iter().map(view).collect(),
    })
    .described_as()
}

/// Responds with a complete list, written while it is read. The totals come last, when they are known. The
/// first batch is read before anything is sent, so that a failure at the start is an ordinary error; a later
/// one ends the connection without a valid ending.
pub(crate) async fn complete<T, V>(
    mut batches: Batches<T>,
    view: impl Fn(&T) -> V + 'static,
) -> Answer<List<V>>
where
    T: Send + 'static,
    V: Serialize + Discloses,
{
    let first = batches.try_next().await?;
    let written = Rc::new(Cell::new(0));
    let recorder = StreamRecorder::default();
    let disclosure = Disclosure { stream: Some(recorder.clone()), ..Disclosure::nothing() };
    let rows = stream::iter(first.map(Ok)).chain(batches).map({
        let written = written.clone();
        move |batch| write_rows(&batch?, &view, &written)
    });
    // Data only leaves after its disclosure has been recorded.
    let rows = rows.and_then(move |Rows { json, patients }| {
        let recorder = recorder.clone();
        async move { recorder.shown(patients).await.map(|()| json).map_err(|error| Error::from(error).into()) }
    });
    let body = stream::once(ready(Ok(Bytes::from_static(HEAD))))
        .chain(rows)
        .chain(stream::once(async move { Ok(tail(written.get())) }))
        .inspect_err(|error| tracing::error!(%error, "a list was interrupted while it was being sent"));
    let mut response = HttpResponse::Ok().content_type(ContentType::json()).streaming(body);
    response.extensions_mut().insert(AnswerMemory(HELD_BYTES));
    Ok(Reply::of(response).disclosing(disclosure))
}

/// What a list holds while its client does not read it: the batch that is sent and the next one, of large records.
const HELD_BYTES: usize = 4 * 1024 * 1024;

const HEAD: &[u8] = br#"{"code":200,"msg":"success","data":[{"list":["#;

fn tail(total: u64) -> Bytes {
    Bytes::from(format!(r#"],"total":{total},"totalPages":1,"currentPage":1}}]}}"#))
}

/// Serialized rows, and the patients whose data they show.
struct Rows {
    json: Bytes,
    patients: Vec<AccountUuid>,
}

fn write_rows<T, V: Serialize + Discloses>(
    batch: &[T],
    view: impl Fn(&T) -> V,
    written: &Cell<u64>,
) -> Result<Rows, ApiError> {
    let mut json = Vec::new();
    let views: Vec<V> = batch.iter().map(view).collect();
    for view in &views {
        if written.replace(written.get() + 1) > 0 {
            json.push(b',');
        }
        serde_json::to_writer(&mut json, view).map_err(ApiError::internal)?;
    }
    Ok(Rows { json: json.into(), patients: distinct(views.iter()) })
}
