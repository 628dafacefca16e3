//! Inquiries.

use actix_web::web;
use yilin_domain::account::{AccountUuid, Actor, ReservedPhone};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetail, InquiryDetails, InquiryStatus, VisitType};
use yilin_domain::usecase::{InquiryRequest, InquirySelection};
use yilin_domain::validation::FieldProblem;

use super::Answer;
use crate::auth::{
    AdminOnly, AnyRole, Caller, CookieFor, PatientOnly, PatientOrAdmin, PhysicianOnly, Recording,
};
use crate::envelope::{Envelope, success};
use crate::input::{Body, Paging, Query};
use crate::list::{self, ListView};
use crate::request_schema::{InquiryBody, PageParameters};
use crate::service::Service;
use crate::view::InquiryView;

/// Ask for a visit
#[utoipa::path(post, path = "/api/inquiry/createInquiryRecord", tag = "inquiry",
    operation_id = "createInquiryRecord", request_body = InquiryBody,
    params(("uuid" = Option<String>, Query, pattern = "^[0-9a-fA-F]{8}$", description = "The patient's uuid, where the admin asks for them")),
    responses((status = 200, description = "The submitted inquiry", body = Envelope<InquiryView>)))]
pub(crate) async fn create(
    service: web::Data<Service>,
    caller: Caller<PatientOrAdmin>,
    query: Query,
    mut body: Body,
) -> Answer {
    let patient = if caller.actor.is_admin() {
        let uuid = query.text("uuid").map_or(Err(FieldProblem::Missing), AccountUuid::parse);
        body.check("uuid", uuid)
    } else {
        None
    };
    let zone = service.options.zone;
    let visit_type = body.required("type", VisitType::parse);
    let appointment_time = body.required("appointment_time", |text| zone.parse_appointment(text));
    let reserved_phone = body.optional("reserved_phone", ReservedPhone::parse);
    let detail = body.required("inquiry_detail", InquiryDetail::parse);
    let request =
        visit_type.zip(appointment_time).zip(detail).map(|((visit_type, appointment_time), detail)| {
            InquiryRequest { patient, visit_type, appointment_time, reserved_phone, detail }
        });
    let request = body.finish(request)?;
    let details = service.use_cases.inquiries.submit(&caller.actor, request).await?;
    Ok(success(InquiryView::new(&details, zone)))
}

/// Approve a recorded consultation
#[utoipa::path(put, path = "/api/inquiry/approveInquiryRecord", tag = "inquiry",
    operation_id = "approveInquiryRecord", params(("id" = i64, Query, description = "The inquiry's id")),
    responses((status = 200, description = "The approved inquiry", body = Envelope<InquiryView>)))]
pub(crate) async fn approve(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    mut query: Query,
) -> Answer {
    let id = query.id("id", InquiryId);
    let id = query.finish(id)?;
    let details = service.use_cases.inquiries.approve(&caller.actor, id).await?;
    Ok(success(InquiryView::new(&details, service.options.zone)))
}

/// Appoint a physician
///
/// Another one may be appointed until the first has accepted; the same one again changes nothing.
#[utoipa::path(post, path = "/api/inquiry/appointedPhysician", tag = "inquiry",
    operation_id = "appointedPhysician",
    params(("id" = i64, Query, description = "The inquiry's id"),
        ("userUUID" = String, Query, pattern = "^[0-9a-fA-F]{8}$", description = "The physician's uuid")),
    responses((status = 200, description = "The assigned inquiry", body = Envelope<InquiryView>)))]
pub(crate) async fn appoint(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    mut query: Query,
) -> Answer {
    let id = query.id("id", InquiryId);
    let physician = query.required("userUUID", AccountUuid::parse);
    let (id, physician) = query.finish(id.zip(physician))?;
    let details = service.use_cases.inquiries.appoint(&caller.actor, id, physician).await?;
    Ok(success(InquiryView::new(&details, service.options.zone)))
}

/// Accept or decline an inquiry
#[utoipa::path(put, path = "/api/inquiry/physicianReception", tag = "inquiry",
    operation_id = "physicianReception",
    params(("id" = i64, Query, description = "The inquiry's id"),
        ("isReception" = bool, Query, description = "true accepts, false declines")),
    responses((status = 200, description = "The inquiry as it is now", body = Envelope<InquiryView>)))]
pub(crate) async fn answer(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    mut query: Query,
) -> Answer {
    let id = query.id("id", InquiryId);
    let accepts = query.required("isReception", truth);
    let (id, accepts) = query.finish(id.zip(accepts))?;
    let details = service.use_cases.inquiries.answer(&caller.actor, id, accepts).await?;
    Ok(success(InquiryView::new(&details, service.options.zone)))
}

/// One inquiry
#[utoipa::path(get, path = "/api/inquiry/queryInquiryRecordById", tag = "inquiry",
    operation_id = "queryInquiryRecordById", params(("id" = i64, Query, description = "The inquiry's id")),
    responses((status = 200, description = "The inquiry", body = Envelope<InquiryView>)))]
pub(crate) async fn find(
    service: web::Data<Service>,
    caller: CookieFor<Recording, AnyRole>,
    mut query: Query,
) -> Answer {
    let id = query.id("id", InquiryId);
    let id = query.finish(id)?;
    let details = service.use_cases.inquiries.find(&caller.actor, id).await?;
    Ok(success(InquiryView::new(&details, service.options.zone)))
}

/// All inquiries
///
/// `isInquiry`: 0 all, 1 ended, 2 accepted and not yet ended, 3 no physician assigned, 4 assigned and
/// not yet accepted, 5 ended and not yet approved.
#[utoipa::path(get, path = "/api/inquiry/queryAllInquiryRecord", tag = "inquiry",
    operation_id = "queryAllInquiryRecord",
    params(("isInquiry" = Option<i64>, Query, description = "Which inquiries", minimum = 0, maximum = 5),
        PageParameters),
    responses((status = 200, description = "Inquiries", body = Envelope<ListView<InquiryView>>)))]
pub(crate) async fn all(service: web::Data<Service>, caller: Caller<AdminOnly>, query: Query) -> Answer {
    use InquiryStatus::{Accepted, Assigned, Registered, Submitted};
    let choices = [
        ("0", StatusSet::all()),
        ("1", StatusSet::matching(InquiryStatus::has_ended)),
        ("2", StatusSet::of(&[Accepted])),
        ("3", StatusSet::of(&[Submitted])),
        ("4", StatusSet::of(&[Assigned])),
        ("5", StatusSet::of(&[Registered])),
    ];
    own_list(&service, &caller.actor, query, &choices, InquirySelection::All).await
}

/// A physician's own inquiries
///
/// `isInquiry`: 0 all, 1 ended, 2 accepted and not yet ended, 4 not yet accepted.
#[utoipa::path(get, path = "/api/inquiry/queryPhysicianInquiryRecord", tag = "inquiry",
    operation_id = "queryPhysicianInquiryRecord",
    params(("isInquiry" = Option<String>, Query, description = "Which inquiries", pattern = "^[0124]?$"), PageParameters),
    responses((status = 200, description = "Inquiries", body = Envelope<ListView<InquiryView>>)))]
pub(crate) async fn of_physician(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    query: Query,
) -> Answer {
    use InquiryStatus::{Accepted, Assigned};
    let choices = [
        ("0", StatusSet::all()),
        ("1", StatusSet::matching(InquiryStatus::has_ended)),
        ("2", StatusSet::of(&[Accepted])),
        ("4", StatusSet::of(&[Assigned])),
    ];
    own_list(&service, &caller.actor, query, &choices, InquirySelection::OfPhysician).await
}

/// A patient's own inquiries
///
/// `isInquiry`: 0 all, 1 approved, 2 not yet approved.
#[utoipa::path(get, path = "/api/inquiry/queryPatientInquiryRecord", tag = "inquiry",
    operation_id = "queryPatientInquiryRecord",
    params(("isInquiry" = Option<i64>, Query, description = "Which inquiries", minimum = 0, maximum = 2), PageParameters),
    responses((status = 200, description = "Inquiries", body = Envelope<ListView<InquiryView>>)))]
pub(crate) async fn of_patient(
    service: web::Data<Service>,
    caller: Caller<PatientOnly>,
    query: Query,
) -> Answer {
    let choices = [
        ("0", StatusSet::all()),
        ("1", StatusSet::matching(InquiryStatus::is_approved)),
        ("2", StatusSet::matching(|status: InquiryStatus| !status.is_approved())),
    ];
    own_list(&service, &caller.actor, query, &choices, InquirySelection::OfPatient).await
}

/// Search inquiries by a party's name
#[utoipa::path(get, path = "/api/inquiry/likeQueryInquiryRecord", tag = "inquiry",
    operation_id = "likeQueryInquiryRecord",
    params(("username" = Option<String>, Query, description = "Part of the name; everything matches an empty one"),
        ("isPatient" = Option<bool>, Query, description = "Whether it is the patient's name (default) or the physician's"),
        PageParameters),
    responses((status = 200, description = "Inquiries", body = Envelope<ListView<InquiryView>>)))]
pub(crate) async fn search(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    mut query: Query,
) -> Answer {
    let name = query.text("username").unwrap_or_default().to_owned();
    let by_patient = query.optional("isPatient", truth).unwrap_or(true);
    let paging = query.paging();
    let paging = query.finish(Some(paging))?;
    let selection = if by_patient {
        InquirySelection::ByPatientName(name)
    } else {
        InquirySelection::ByPhysicianName(name)
    };
    answer_list(&service, &caller.actor, selection, paging).await
}

type Choice = (&'static str, StatusSet<InquiryStatus>);

async fn own_list(
    service: &Service,
    actor: &Actor,
    mut query: Query,
    choices: &[Choice],
    selection: fn(StatusSet<InquiryStatus>) -> InquirySelection,
) -> Answer {
    let statuses = query.choice("isInquiry", choices);
    let paging = query.paging();
    let (statuses, paging) = query.finish(statuses.map(|statuses| (statuses, paging)))?;
    answer_list(service, actor, selection(statuses), paging).await
}

async fn answer_list(
    service: &Service,
    actor: &Actor,
    selection: InquirySelection,
    paging: Paging,
) -> Answer {
    let (inquiries, zone) = (&service.use_cases.inquiries, service.options.zone);
    let view = move |details: &InquiryDetails| InquiryView::new(details, zone);
    match paging {
        Paging::Page(page) => Ok(list::page(&inquiries.page(actor, selection, page).await?, page, view)),
        Paging::Complete => list::complete(inquiries.all(actor, selection)?, view).await,
    }
}

fn truth(text: &str) -> Result<bool, FieldProblem> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(FieldProblem::NotOneOf(vec!["true", "false"])),
    }
}
