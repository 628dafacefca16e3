//! Cancelling, rescheduling, reassigning and returning inquiries; their histories and schedules.

use actix_web::web;
use chrono::NaiveDate;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::error::IllegalStep::{
    InquiryAlreadyApproved, InquiryAlreadyRegistered, InquiryAlreadyReturned, InquiryInPhysiciansHands,
    InquiryNotAccepted, InquiryNotAssigned, InquiryNotRegistered, InquiryOfSamePhysician,
};
use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::reason::Reason;
use yilin_domain::time::AppointmentTime;
use yilin_domain::usecase::ScheduleDays;
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_web::Service;
use yilin_web::auth::{AdminOnly, AnyRole, Caller, PatientOrAdmin, PhysicianOrAdmin};
use yilin_web::input::{Input, Query, request};
use yilin_web::route::{Record, Route, get, put, tagged};

use super::inquiry::{Appointment, InquiryQuery, show, show_with_warnings};
use crate::reply::{Answer, One, success};
use crate::view::{InquiryHistoryView, InquiryView, ScheduleView};

pub(crate) fn routes() -> Vec<Route> {
    let id = Record::Field("id");
    tagged("inquiry", [
        put("/api/inquiry/cancelInquiryRecord", "cancelInquiryRecord", cancel)
            .summary("Cancel a visit")
            .details("Patients until a physician has accepted, the admin until the consultation is recorded.")
            .callers("the inquiry's patient, admin")
            .errors([Error::NotFound, Error::Contended])
            .errors([InquiryInPhysiciansHands, InquiryAlreadyRegistered])
            .errors([InquiryAlreadyApproved])
            .errors(IllegalStep::INQUIRY_OVER)
            .audited(Update, "inquiry", id),
        put("/api/inquiry/rescheduleInquiryRecord", "rescheduleInquiryRecord", reschedule)
            .summary("Reschedule a visit")
            .details("Patients until a physician has accepted, the physician afterwards, the admin until the consultation is recorded.")
            .callers("the inquiry's parties, admin")
            .errors([Error::NotFound, Error::Contended])
            .errors([InquiryNotAccepted, InquiryInPhysiciansHands, InquiryAlreadyRegistered])
            .errors([InquiryAlreadyApproved])
            .errors(IllegalStep::INQUIRY_OVER)
            .audited(Update, "inquiry", id),
        put("/api/inquiry/reassignInquiryRecord", "reassignInquiryRecord", reassign)
            .summary("Reassign an accepted visit to another physician")
            .errors([Invalid::one("userUUID", FieldProblem::UnknownPhysician)])
            .errors([Error::NotFound, Error::Contended])
            .errors([InquiryNotAssigned, InquiryNotAccepted, InquiryOfSamePhysician])
            .errors([InquiryAlreadyRegistered, InquiryAlreadyApproved])
            .errors(IllegalStep::INQUIRY_OVER)
            .audited(Update, "inquiry", id),
        put("/api/inquiry/returnInquiryRecord", "returnInquiryRecord", return_for_correction)
            .summary("Return a record to its physician")
            .details("It awaits review again once the physician has added an addendum.")
            .errors([Error::NotFound, Error::Contended])
            .errors([InquiryNotAssigned, InquiryNotAccepted, InquiryNotRegistered])
            .errors([InquiryAlreadyApproved, InquiryAlreadyReturned])
            .errors(IllegalStep::INQUIRY_OVER)
            .audited(Update, "inquiry", id),
        get("/api/inquiry/inquiryHistory", "inquiryHistory", history)
            .summary("The history of an inquiry")
            .callers("admin, the inquiry's parties")
            .errors([Error::NotFound])
            .audited(Read, "inquiry", id),
        get("/api/inquiry/physicianSchedule", "physicianSchedule", schedule)
            .summary("A physician's visits on a range of days, in time order")
            .details("Excludes cancelled visits. At most 62 days; both days are inclusive.")
            .callers("admin, that physician")
            .errors([Invalid::one("userUUID", FieldProblem::UnknownPhysician)])
            .errors([Invalid::one("to", FieldProblem::NotWithinDays { max: ScheduleDays::MAX })])
            .errors([Error::NotFound])
            .audited(Read, "inquiry", Record::Search),
    ])
}

request! {
    /// A reason.
    pub(crate) struct ReasonBody {
        /// The reason.
        reason: Reason,
    }
}

async fn cancel(
    service: web::Data<Service>,
    caller: Caller<PatientOrAdmin>,
    input: Input<InquiryQuery, ReasonBody>,
) -> Answer<One<InquiryView>> {
    let Input { query: InquiryQuery { id }, body: ReasonBody { reason } } = input;
    let details = service.use_cases.inquiries.cancel(&caller.actor, id, &reason).await?;
    Ok(success(show(&details, &service)))
}

request! {
    /// The new time of a visit, and the reason.
    pub(crate) struct RescheduleBody {
        appointment_time: AppointmentTime,
        /// The reason.
        reason: Reason,
    }
}

async fn reschedule(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    input: Input<InquiryQuery, RescheduleBody>,
) -> Answer<One<InquiryView>> {
    let Input { query: InquiryQuery { id }, body: RescheduleBody { appointment_time, reason } } = input;
    let inquiries = &service.use_cases.inquiries;
    let details = inquiries.reschedule(&caller.actor, id, appointment_time, &reason).await?;
    show_with_warnings(&details, &service).await
}

async fn reassign(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    input: Input<Appointment, ReasonBody>,
) -> Answer<One<InquiryView>> {
    let Input { query: Appointment { id, physician }, body: ReasonBody { reason } } = input;
    let details = service.use_cases.inquiries.reassign(&caller.actor, id, physician, &reason).await?;
    show_with_warnings(&details, &service).await
}

async fn return_for_correction(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    input: Input<InquiryQuery, ReasonBody>,
) -> Answer<One<InquiryView>> {
    let Input { query: InquiryQuery { id }, body: ReasonBody { reason } } = input;
    let details = service.use_cases.inquiries.return_for_correction(&caller.actor, id, &reason).await?;
    Ok(success(show(&details, &service)))
}

async fn history(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    Query(InquiryQuery { id }): Query<InquiryQuery>,
) -> Answer<One<InquiryHistoryView>> {
    let history = service.use_cases.inquiries.history(&caller.actor, id).await?;
    Ok(success(InquiryHistoryView::new(&history, service.options.zone)))
}

request! {
    /// Selects a physician and a range of days.
    pub(crate) struct ScheduleQuery {
        /// The physician's uuid.
        physician: AccountUuid = "userUUID",
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    }
}

async fn schedule(
    service: web::Data<Service>,
    caller: Caller<PhysicianOrAdmin>,
    Query(ScheduleQuery { physician, from, to }): Query<ScheduleQuery>,
) -> Answer<One<ScheduleView>> {
    let days = ScheduleDays::new(from, to).map_err(|problem| Invalid::one("to", problem))?;
    let visits = service.use_cases.inquiries.schedule(&caller.actor, physician, days).await?;
    Ok(success(ScheduleView::new(&visits, service.hospital_time())))
}
