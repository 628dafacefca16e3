//! Consultations and their medical records.

use actix_web::web;
use yilin_domain::audit::AuditAction::{Create, Read, Update};
use yilin_domain::error::IllegalStep::{InquiryAlreadyRegistered, InquiryNotAccepted, InquiryNotAssigned};
use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::file::FileMention;
use yilin_domain::id::{InquiryId, MedicalRecordId};
use yilin_domain::medical_record::{
    AddendumText, DiagnosticDescription, MedicalRecordOfInquiry, PatientRecord,
};
use yilin_domain::reason::Reason;
use yilin_domain::usecase::{AddendumReport, ConsultationReport};
use yilin_web::Service;
use yilin_web::audit::Disclosure;
use yilin_web::auth::{AnyRole, Caller, CookieFor, PhysicianOnly, Recording};
use yilin_web::input::{Body, Keyed, Query, request};
use yilin_web::route::{Record, Route, get, post, tagged};

use crate::once;
use crate::reply::{Answer, Maybe, One, done, success};
use crate::view::MedicalRecordView;

pub(crate) fn routes() -> Vec<Route> {
    tagged(
        "medical",
        [
            get("/api/medical/queryMedialRecordInformation", "queryMedialRecordInformation", of_inquiry)
                .summary("The medical record of an inquiry")
                .details("No payload while the inquiry has no record.")
                .callers("admin, the inquiry's parties")
                .errors([Error::NotFound])
                .audited(Read, "inquiry", Record::Field("inquiryId")),
            get("/api/medical/queryMedicalByID", "queryMedicalByID", find)
                .summary("One medical record")
                .callers("admin, the inquiry's parties")
                .errors([Error::NotFound])
                .audited(Read, "medical_record", Record::Field("medicalId")),
            post("/api/medical/medicalRegistration", "medicalRegistration", register)
                .summary("Register a consultation, which ends it")
                .details("If drugs are needed, a drug order is created with the record.")
                .callers("the inquiry's physician")
                .errors([Error::NotFound, Error::Contended])
                .errors([InquiryNotAssigned, InquiryNotAccepted, InquiryAlreadyRegistered])
                .errors(IllegalStep::INQUIRY_OVER)
                .audited(Create, "inquiry", Record::Field("bind_inquiry_id")),
            post("/api/medical/addAddendum", "addAddendum", amend)
                .summary("Add an addendum to a medical record")
                .details("The record itself never changes. A returned record awaits review again.")
                .callers("the record's physician")
                .errors([Error::NotFound, Error::Contended])
                .audited(Update, "medical_record", Record::Field("medicalId")),
        ],
    )
}

request! {
    /// An inquiry.
    pub(crate) struct RecordOfInquiry {
        /// The inquiry's id.
        inquiry: InquiryId = "inquiryId",
    }
}

async fn of_inquiry(
    service: web::Data<Service>,
    caller: CookieFor<Recording, AnyRole>,
    Query(RecordOfInquiry { inquiry }): Query<RecordOfInquiry>,
) -> Answer<Maybe<MedicalRecordView>> {
    let found = service.use_cases.consultations.of_inquiry(&caller.actor, inquiry).await?;
    let MedicalRecordOfInquiry { patient, record, addenda, .. } = found;
    Ok(match record {
        Some(record) => {
            let record = PatientRecord { patient, record, addenda };
            success(MedicalRecordView::new(&record, &caller.actor, &service)).described_as()
        }
        None => done().disclosing(Disclosure::of("inquiry", &inquiry, Some(patient))),
    })
}

request! {
    /// A medical record.
    pub(crate) struct RecordQuery {
        /// The record's id.
        id: MedicalRecordId = "medicalId",
    }
}

async fn find(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    Query(RecordQuery { id }): Query<RecordQuery>,
) -> Answer<One<MedicalRecordView>> {
    let record = service.use_cases.consultations.find(&caller.actor, id).await?;
    Ok(success(MedicalRecordView::new(&record, &caller.actor, &service)))
}

request! {
    /// A physician's notes at the end of a consultation.
    pub(crate) struct MedicalRegistrationBody {
        /// The inquiry's id.
        bind_inquiry_id: InquiryId,
        /// The physician's findings.
        diagnostic_description: Option<DiagnosticDescription>,
        /// The recording of the consultation.
        inquiry_video: FileMention,
        /// The image of the paper record.
        medical_img: FileMention,
        /// Whether the physician has to purchase drugs for the patient.
        is_need_by_drug: bool,
    }
}

async fn register(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    Body(body): Body<MedicalRegistrationBody>,
) -> Answer<One<MedicalRecordView>> {
    let report = ConsultationReport {
        inquiry: body.bind_inquiry_id,
        diagnostic_description: body.diagnostic_description.unwrap_or_default(),
        inquiry_video: body.inquiry_video,
        medical_img: body.medical_img,
        needs_drugs: body.is_need_by_drug,
    };
    let record = service.use_cases.consultations.register(&caller.actor, report).await?;
    Ok(success(MedicalRecordView::new(&record, &caller.actor, &service)))
}

request! {
    /// A physician's addendum to a record.
    pub(crate) struct AddendumBody {
        /// The text.
        text: AddendumText,
        /// The reason.
        reason: Reason,
        /// An additional picture.
        medical_img: Option<FileMention>,
        /// An additional recording.
        inquiry_video: Option<FileMention>,
    }
}

async fn amend(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    input: Keyed<RecordQuery, AddendumBody>,
) -> Answer<One<MedicalRecordView>> {
    let Keyed { query: RecordQuery { id }, body, claim } = input;
    let report = AddendumReport {
        record: id,
        text: body.text,
        reason: body.reason,
        medical_img: body.medical_img,
        inquiry_video: body.inquiry_video,
    };
    let view = {
        let (service, reader) = (service.get_ref().clone(), caller.actor.clone());
        move |record: &PatientRecord| MedicalRecordView::new(record, &reader, &service)
    };
    let consultations = &service.use_cases.consultations;
    let amend = |receipt| consultations.amend_once(&caller.actor, report, receipt);
    let amended = service.use_cases.once.run(once::receipt(claim, view.clone()), amend).await?;
    once::answer(amended, view)
}
