//! Answers with lists: one page, or the complete list as it is read.

use std::cell::Cell;
use std::future::ready;
use std::rc::Rc;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::account::AccountUuid;
use yilin_domain::error::Error;
use yilin_domain::list::{Batches, Page, PageRequest};

use crate::audit::{Discloses, Disclosure, StreamRecorder, distinct};
use crate::envelope::{disclosing, success};
use crate::error::ApiError;

/// A list, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = List)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListView<T> {
    /// How many records there are on all pages.
    total: u64,
    /// How many pages there are.
    total_pages: u64,
    /// The number of this page, from 1.
    current_page: u64,
    /// The records of this page.
    list: Vec<T>,
}

impl<T: Discloses> Discloses for ListView<T> {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_all(self.list.iter())
    }
}

/// Answers with one page.
pub(crate) fn page<T, V: Serialize + Discloses>(
    page: &Page<T>,
    asked: PageRequest,
    view: impl Fn(&T) -> V,
) -> HttpResponse {
    success(ListView {
        total: page.total,
        total_pages: page.total.div_ceil(u64::from(asked.size.max(1))),
        current_page: asked.number,
        list: page.items.iter().map(view).collect(),
    })
}

/// Answers with a complete list, written while it is read. The totals come last, when they are
/// known. The first batch is read before anything is sent, so that a list that cannot be read at
/// all is an ordinary error; one that fails later ends the connection without a valid ending.
pub(crate) async fn complete<T, V>(
    mut batches: Batches<T>,
    view: impl Fn(&T) -> V + 'static,
) -> Result<HttpResponse, ApiError>
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
    // Nobody's data leave before it is recorded that they do.
    let rows = rows.and_then(move |Rows { json, patients }| {
        let recorder = recorder.clone();
        async move { recorder.shown(patients).await.map(|()| json).map_err(|error| Error::from(error).into()) }
    });
    let body = stream::once(ready(Ok(Bytes::from_static(HEAD))))
        .chain(rows)
        .chain(stream::once(async move { Ok(tail(written.get())) }))
        .inspect_err(|error| tracing::error!(%error, "a list was cut off while it was being sent"));
    Ok(disclosing(HttpResponse::Ok().content_type(ContentType::json()).streaming(body), disclosure))
}

const HEAD: &[u8] = br#"{"code":200,"msg":"success","data":[{"list":["#;

fn tail(total: u64) -> Bytes {
    Bytes::from(format!(r#"],"total":{total},"totalPages":1,"currentPage":1}}]}}"#))
}

/// Rows as they are sent, and whose data they show.
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
