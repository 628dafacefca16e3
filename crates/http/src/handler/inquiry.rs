//! Inquiries.

use actix_web::web;
use yilin_domain::account::{AccountUuid, Actor, ReservedPhone};
use yilin_domain::audit::AuditAction::{Create, Read, Update};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::error::IllegalStep::{
    InquiryAlreadyAccepted, InquiryAlreadyApproved, InquiryNotAccepted, InquiryNotAmended,
    InquiryNotAssigned, InquiryNotRegistered,
};
use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetail, InquiryDetails, InquiryStatus, VisitType};
use yilin_domain::reason::Reason;
use yilin_domain::time::AppointmentTime;
use yilin_domain::usecase::{InquiryRequest, InquirySelection};
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_web::Service;
use yilin_web::auth::{
    AdminOnly, AnyRole, Caller, CookieFor, PatientOnly, PatientOrAdmin, PhysicianOnly, Recording,
};
use yilin_web::input::{AdminNames, Choice, Choices, Input, Keyed, Paging, Query, Selected, Text, request};
use yilin_web::route::{Record, Route, get, post, put, tagged};

use crate::list;
use crate::once;
use crate::reply::{Answer, List, One, success};
use crate::view::InquiryView;

pub(crate) fn routes() -> Vec<Route> {
    let id = Record::Field("id");
    tagged("inquiry", [
        post("/api/inquiry/createInquiryRecord", "createInquiryRecord", create)
            .summary("Request a visit")
            .details("A patient's request that equals one of the last 10 minutes, for which no physician has been appointed yet, returns that inquiry.")
            .callers("patient; admin with `uuid`")
            .errors([Invalid::one("uuid", FieldProblem::UnknownPatient)])
            .audited(Create, "inquiry", Record::Search),
        put("/api/inquiry/approveInquiryRecord", "approveInquiryRecord", approve)
            .summary("Approve a registered consultation")
            .errors([Error::NotFound, Error::Contended])
            .errors([InquiryNotAssigned, InquiryNotAccepted, InquiryNotRegistered, InquiryNotAmended])
            .errors([InquiryAlreadyApproved])
            .errors(IllegalStep::INQUIRY_OVER)
            .audited(Update, "inquiry", id),
        post("/api/inquiry/appointedPhysician", "appointedPhysician", appoint)
            .summary("Appoint a physician")
            .details("Another physician may be appointed until the first has accepted; appointing the same one again changes nothing.")
            .errors([Invalid::one("userUUID", FieldProblem::UnknownPhysician)])
            .errors([Error::NotFound, Error::Contended])
            .errors([InquiryAlreadyAccepted])
            .errors(IllegalStep::INQUIRY_OVER)
            .audited(Update, "inquiry", id),
        put("/api/inquiry/physicianReception", "physicianReception", answer)
            .summary("Accept or decline an inquiry")
            .callers("the inquiry's physician")
            .errors([Error::NotFound, Error::Contended])
            .errors([InquiryAlreadyAccepted])
            .errors(IllegalStep::INQUIRY_OVER)
            .audited(Update, "inquiry", id),
        get("/api/inquiry/queryInquiryRecordById", "queryInquiryRecordById", find)
            .summary("One inquiry")
            .callers("admin, the inquiry's parties")
            .errors([Error::NotFound])
            .audited(Read, "inquiry", id),
        get("/api/inquiry/queryAllInquiryRecord", "queryAllInquiryRecord", all)
            .summary("All inquiries")
            .audited(Read, "inquiry", Record::Search),
        get("/api/inquiry/queryPhysicianInquiryRecord", "queryPhysicianInquiryRecord", of_physician)
            .summary("The physician's own inquiries")
            .audited(Read, "inquiry", Record::Search),
        get("/api/inquiry/queryPatientInquiryRecord", "queryPatientInquiryRecord", of_patient)
            .summary("The patient's own inquiries")
            .audited(Read, "inquiry", Record::Search),
        get("/api/inquiry/likeQueryInquiryRecord", "likeQueryInquiryRecord", search)
            .summary("Search inquiries by a party's name")
            .audited(Read, "inquiry", Record::Search),
    ])
}

request! {
    /// The patient of the visit.
    pub(crate) struct OnBehalf {
        /// The patient's uuid, if an admin submits the request.
        uuid: AdminNames,
    }
}

request! {
    /// A request for a visit.
    pub(crate) struct InquiryBody {
        /// 在家就医 (home visit; 居家就医 means the same) or 社区就医 (community visit).
        visit_type: VisitType = "type",
        appointment_time: AppointmentTime,
        /// 11 digits; the patient's own number if absent or empty.
        reserved_phone: Option<ReservedPhone>,
        /// The patient's complaint.
        inquiry_detail: InquiryDetail,
    }
}

async fn create(
    service: web::Data<Service>,
    caller: Caller<PatientOrAdmin>,
    input: Keyed<OnBehalf, InquiryBody>,
) -> Answer<One<InquiryView>> {
    let Keyed { query: OnBehalf { uuid: AdminNames(patient) }, body, claim } = input;
    let request = InquiryRequest {
        patient,
        visit_type: body.visit_type,
        appointment_time: body.appointment_time,
        reserved_phone: body.reserved_phone,
        detail: body.inquiry_detail,
    };
    let time = service.hospital_time();
    let receipt = once::receipt(claim, move |details| InquiryView::new(details, time));
    let inquiries = &service.use_cases.inquiries;
    let submit = |receipt| inquiries.submit_once(&caller.actor, request, receipt);
    let submitted = service.use_cases.once.run(receipt, submit).await?;
    once::answer(submitted, |details| InquiryView::new(details, time))
}

request! {
    /// An inquiry.
    pub(crate) struct InquiryQuery {
        /// The inquiry's id.
        id: InquiryId,
    }
}

async fn approve(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query(InquiryQuery { id }): Query<InquiryQuery>,
) -> Answer<One<InquiryView>> {
    let details = service.use_cases.inquiries.approve(&caller.actor, id).await?;
    Ok(success(show(&details, &service)))
}

request! {
    /// The appointment of a physician.
    pub(crate) struct Appointment {
        /// The inquiry's id.
        id: InquiryId,
        /// The physician's uuid.
        physician: AccountUuid = "userUUID",
    }
}

async fn appoint(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query(Appointment { id, physician }): Query<Appointment>,
) -> Answer<One<InquiryView>> {
    let details = service.use_cases.inquiries.appoint(&caller.actor, id, physician).await?;
    show_with_warnings(&details, &service).await
}

request! {
    /// A physician's answer to an appointment.
    pub(crate) struct Reception {
        /// The inquiry's id.
        id: InquiryId,
        /// true accepts, false declines.
        accepts: bool = "isReception",
        /// The reason; here or in the body.
        reason: Option<Reason>,
    }
}

request! {
    /// The reason for accepting or declining.
    pub(crate) struct ReceptionBody {
        /// The reason.
        reason: Option<Reason>,
    }
}

async fn answer(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    input: Input<Reception, ReceptionBody>,
) -> Answer<One<InquiryView>> {
    let Input { query: Reception { id, accepts, reason }, body } = input;
    let reason = body.reason.or(reason);
    let details = service.use_cases.inquiries.answer(&caller.actor, id, accepts, reason).await?;
    Ok(success(show(&details, &service)))
}

/// An inquiry as it is now.
pub(super) fn show(details: &InquiryDetails, service: &Service) -> InquiryView {
    InquiryView::new(details, service.hospital_time())
}

/// An inquiry after a change of its physician or time, with the visits that clash with it.
pub(super) async fn show_with_warnings(
    details: &InquiryDetails,
    service: &Service,
) -> Answer<One<InquiryView>> {
    let clashes = service.use_cases.inquiries.clashes(details).await?;
    Ok(success(show(details, service).warning_of(&clashes)))
}

async fn find(
    service: web::Data<Service>,
    caller: CookieFor<Recording, AnyRole>,
    Query(InquiryQuery { id }): Query<InquiryQuery>,
) -> Answer<One<InquiryView>> {
    let details = service.use_cases.inquiries.find(&caller.actor, id).await?;
    Ok(success(show(&details, &service)))
}

/// `isInquiry` of the admin's list.
pub(crate) struct ForAdmin;

impl Choices for ForAdmin {
    type Value = InquirySelection;
    const CHOICES: &'static [Choice<Self::Value>] = &[
        ("0", "all", || InquirySelection::All(StatusSet::all())),
        ("1", "ended", || InquirySelection::All(StatusSet::matching(InquiryStatus::has_ended))),
        ("2", "accepted, not yet ended", || only(InquiryStatus::Accepted)),
        ("3", "no physician assigned", || only(InquiryStatus::Submitted)),
        ("4", "assigned, not yet accepted", || only(InquiryStatus::Assigned)),
        ("5", "ended, not yet approved, and not returned", || only(InquiryStatus::Registered)),
        ("6", "cancelled", || only(InquiryStatus::Cancelled)),
        ("7", "returned, waiting for the physician", || only(InquiryStatus::Returned)),
        ("8", "overdue", || InquirySelection::Overdue),
    ];
}

fn only(status: InquiryStatus) -> InquirySelection {
    InquirySelection::All(StatusSet::of(&[status]))
}

/// `isInquiry` of a physician's own list.
pub(crate) struct ForPhysician;

impl Choices for ForPhysician {
    type Value = StatusSet<InquiryStatus>;
    const CHOICES: &'static [Choice<Self::Value>] = &[
        ("0", "all", StatusSet::all),
        ("1", "ended", || StatusSet::matching(InquiryStatus::has_ended)),
        ("2", "accepted, not yet ended", || StatusSet::of(&[InquiryStatus::Accepted])),
        ("4", "not yet accepted", || StatusSet::of(&[InquiryStatus::Assigned])),
        ("5", "returned, waiting for an addendum", || StatusSet::of(&[InquiryStatus::Returned])),
        ("6", "cancelled", || StatusSet::of(&[InquiryStatus::Cancelled])),
    ];
}

/// `isInquiry` of a patient's own list.
pub(crate) struct ForPatient;

impl Choices for ForPatient {
    type Value = StatusSet<InquiryStatus>;
    const CHOICES: &'static [Choice<Self::Value>] = &[
        ("0", "all", StatusSet::all),
        ("1", "approved", || StatusSet::matching(InquiryStatus::is_approved)),
        ("2", "not yet approved", || StatusSet::matching(InquiryStatus::may_be_approved)),
        ("3", "cancelled", || StatusSet::of(&[InquiryStatus::Cancelled])),
    ];
}

request! {
    /// Filter of all inquiries.
    pub(crate) struct AllFilter {
        /// Which inquiries.
        selection: Selected<ForAdmin> = "isInquiry",
    }
}

async fn all(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query((filter, paging)): Query<(AllFilter, Paging)>,
) -> Answer<List<InquiryView>> {
    list(&service, &caller.actor, filter.selection.0, paging).await
}

request! {
    /// Filter of a physician's own inquiries.
    pub(crate) struct PhysicianFilter {
        /// The status.
        statuses: Selected<ForPhysician> = "isInquiry",
    }
}

async fn of_physician(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    Query((filter, paging)): Query<(PhysicianFilter, Paging)>,
) -> Answer<List<InquiryView>> {
    list(&service, &caller.actor, InquirySelection::OfPhysician(filter.statuses.0), paging).await
}

request! {
    /// Filter of a patient's own inquiries.
    pub(crate) struct PatientFilter {
        /// The status.
        statuses: Selected<ForPatient> = "isInquiry",
    }
}

async fn of_patient(
    service: web::Data<Service>,
    caller: Caller<PatientOnly>,
    Query((filter, paging)): Query<(PatientFilter, Paging)>,
) -> Answer<List<InquiryView>> {
    list(&service, &caller.actor, InquirySelection::OfPatient(filter.statuses.0), paging).await
}

request! {
    /// Search by name.
    pub(crate) struct NameSearch {
        /// Part of the name; an empty one matches everything.
        username: Option<Text>,
        /// Whether it is the patient's name (default) or the physician's.
        is_patient: Option<bool> = "isPatient",
    }
}

async fn search(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query((search, paging)): Query<(NameSearch, Paging)>,
) -> Answer<List<InquiryView>> {
    let name = search.username.map(|Text(name)| name).unwrap_or_default();
    let selection = if search.is_patient.unwrap_or(true) {
        InquirySelection::ByPatientName(name)
    } else {
        InquirySelection::ByPhysicianName(name)
    };
    list(&service, &caller.actor, selection, paging).await
}

async fn list(
    service: &Service,
    actor: &Actor,
    selection: InquirySelection,
    paging: Paging,
) -> Answer<List<InquiryView>> {
    let (inquiries, time) = (&service.use_cases.inquiries, service.hospital_time());
    let view = move |details: &InquiryDetails| InquiryView::new(details, time);
    match paging {
        Paging::Page(page) => Ok(list::page(&inquiries.page(actor, selection, page).await?, page, view)),
        Paging::Complete => list::complete(inquiries.all(actor, selection)?, view).await,
    }
}
