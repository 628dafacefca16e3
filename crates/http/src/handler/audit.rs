//! The audit log, and one's own part of it.

use actix_web::web;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditFilter, AuditRecord};
use yilin_domain::time::{HospitalZone, Timestamp};
use yilin_domain::usecase::OwnAccess;
use yilin_domain::validation::FieldProblem;

use super::Answer;
use crate::auth::{AdminOnly, AnyRole, Caller};
use crate::envelope::Envelope;
use crate::input::{Paging, Query};
use crate::list::{self, ListView};
use crate::request_schema::PageParameters;
use crate::service::Service;
use crate::view::{AccessView, AuditView};

/// The audit log
///
/// Who did or read what, newest first. Reading it is recorded, too.
#[utoipa::path(get, path = "/api/audit", tag = "audit", operation_id = "queryAuditLog",
    params(
        ("agent" = Option<String>, Query, pattern = "^([0-9a-fA-F]{8})?$", description = "The uuid of whoever did it"),
        ("patient" = Option<String>, Query, pattern = "^([0-9a-fA-F]{8})?$", description = "The uuid of the person whose data they are"),
        ("operation" = Option<String>, Query, description = "The operation's id in this description"),
        ("outcome" = Option<i64>, Query, description = "The HTTP status", minimum = 100, maximum = 599),
        ("from" = Option<String>, Query, description = "This time or later: YYYY-MM-DD, YYYY-MM-DD HH:MM(:SS) or RFC 3339"),
        ("to" = Option<String>, Query, description = "Before this time"),
        PageParameters),
    responses((status = 200, description = "Entries", body = Envelope<ListView<AuditView>>)))]
pub(crate) async fn all(service: web::Data<Service>, caller: Caller<AdminOnly>, mut query: Query) -> Answer {
    let zone = service.options.zone;
    let filter = AuditFilter {
        agent: query.optional("agent", AccountUuid::parse),
        patient: query.optional("patient", AccountUuid::parse),
        operation: query.text("operation").map(str::to_owned),
        outcome: query.number("outcome", 100, 599).and_then(|status| u16::try_from(status).ok()),
        from: query.optional("from", |text| moment(text, zone)),
        to: query.optional("to", |text| moment(text, zone)),
    };
    let paging = query.paging();
    let (filter, paging) = query.finish(Some((filter, paging)))?;
    let (audit, actor) = (&service.use_cases.audit, &caller.actor);
    let view = move |record: &AuditRecord| AuditView::new(record, zone);
    match paging {
        Paging::Page(page) => Ok(list::page(&audit.page(actor, &filter, page).await?, page, view)),
        Paging::Complete => list::complete(audit.all(actor, filter)?, view).await,
    }
}

/// Who has seen or changed one's own data
///
/// Newest first. Whoever saw one in a list is named once a day for each list.
#[utoipa::path(get, path = "/api/user/accessLog", tag = "audit", operation_id = "queryAccessLog",
    params(PageParameters),
    responses((status = 200, description = "Accesses", body = Envelope<ListView<AccessView>>)))]
pub(crate) async fn own(service: web::Data<Service>, caller: Caller<AnyRole>, mut query: Query) -> Answer {
    let paging = query.paging();
    let paging = query.finish(Some(paging))?;
    let (audit, zone, own) = (&service.use_cases.audit, service.options.zone, caller.actor.uuid);
    let view = move |access: &OwnAccess| AccessView::new(access, own, zone);
    match paging {
        Paging::Page(page) => Ok(list::page(&audit.own_page(&caller.actor, page).await?, page, view)),
        Paging::Complete => list::complete(audit.own_all(&caller.actor), view).await,
    }
}

/// A point in time: hospital time, or RFC 3339.
fn moment(text: &str, zone: HospitalZone) -> Result<Timestamp, FieldProblem> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"))
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Into::into))
        .map_err(|_| FieldProblem::NotATime)?;
    let time = local.and_local_timezone(zone.0).earliest().ok_or(FieldProblem::NotATime)?;
    Ok(time.to_utc())
}
