//! The audit log, and a caller's own part of it.

use actix_web::web;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::audit::{AuditFilter, AuditRecord};
use yilin_domain::time::Timestamp;
use yilin_domain::usecase::OwnAccess;
use yilin_web::Service;
use yilin_web::auth::{AdminOnly, AnyRole, Caller};
use yilin_web::input::{Number, Paging, Query, Text, request};
use yilin_web::route::{Record, Route, get, tagged};

use crate::list;
use crate::reply::{Answer, List};
use crate::view::{AccessView, AuditView};

pub(crate) fn routes() -> Vec<Route> {
    tagged(
        "audit",
        [
            get("/api/audit", "queryAuditLog", all)
                .summary("The audit log")
                .details("All recorded accesses, newest first. Reading it is recorded, too.")
                .audited(Read, "audit_event", Record::Search),
            get("/api/user/accessLog", "queryAccessLog", own)
                .summary("Accesses to the caller's own data")
                .details(
                    "Newest first. A person who saw the caller in a list is listed once a day for each list.",
                )
                .audited(Read, "audit_event", Record::Caller),
        ],
    )
}

request! {
    /// Filter of entries.
    pub(crate) struct AuditQuery {
        /// The uuid of the account that performed the access.
        agent: Option<AccountUuid>,
        /// The uuid of the patient whose data was accessed.
        patient: Option<AccountUuid>,
        /// The operation id in this description.
        operation: Option<Text>,
        /// The HTTP status.
        outcome: Option<Number<100, 599>>,
        /// At or after this time.
        from: Option<Timestamp>,
        /// Before this time.
        to: Option<Timestamp>,
    }
}

async fn all(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query((query, paging)): Query<(AuditQuery, Paging)>,
) -> Answer<List<AuditView>> {
    let filter = AuditFilter {
        agent: query.agent,
        patient: query.patient,
        operation: query.operation.map(|Text(operation)| operation),
        outcome: query.outcome.and_then(|Number(status)| u16::try_from(status).ok()),
        from: query.from,
        to: query.to,
    };
    let (audit, actor, zone) = (&service.use_cases.audit, &caller.actor, service.options.zone);
    let view = move |record: &AuditRecord| AuditView::new(record, zone);
    match paging {
        Paging::Page(page) => Ok(list::page(&audit.page(actor, &filter, page).await?, page, view)),
        Paging::Complete => list::complete(audit.all(actor, filter)?, view).await,
    }
}

async fn own(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    Query(paging): Query<Paging>,
) -> Answer<List<AccessView>> {
    let (audit, zone, own) = (&service.use_cases.audit, service.options.zone, caller.actor.uuid);
    let view = move |access: &OwnAccess| AccessView::new(access, own, zone);
    match paging {
        Paging::Page(page) => Ok(list::page(&audit.own_page(&caller.actor, page).await?, page, view)),
        Paging::Complete => list::complete(audit.own_all(&caller.actor), view).await,
    }
}
