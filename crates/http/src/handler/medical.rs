//! Consultations and their medical records.

use actix_web::web;
use yilin_domain::file::FileMention;
use yilin_domain::id::{InquiryId, MedicalRecordId};
use yilin_domain::medical_record::{DiagnosticDescription, MedicalRecordOfInquiry, PatientRecord};
use yilin_domain::usecase::ConsultationReport;

use super::Answer;
use crate::audit::Disclosure;
use crate::auth::{AnyRole, Caller, CookieFor, PhysicianOnly, Recording};
use crate::envelope::{Envelope, disclosing, done, success};
use crate::input::{Body, Query};
use crate::request_schema::MedicalRegistrationBody;
use crate::service::Service;
use crate::view::MedicalRecordView;

/// The medical record of an inquiry
///
/// No payload while the inquiry has none.
#[utoipa::path(get, path = "/api/medical/queryMedialRecordInformation", tag = "medical",
    operation_id = "queryMedialRecordInformation",
    params(("inquiryId" = i64, Query, description = "The inquiry's id")),
    responses((status = 200, description = "The record, if there is one", body = Envelope<MedicalRecordView>)))]
pub(crate) async fn of_inquiry(
    service: web::Data<Service>,
    caller: CookieFor<Recording, AnyRole>,
    mut query: Query,
) -> Answer {
    let id = query.id("inquiryId", InquiryId);
    let id = query.finish(id)?;
    let found = service.use_cases.consultations.of_inquiry(&caller.actor, id).await?;
    let MedicalRecordOfInquiry { patient, record, .. } = found;
    Ok(match record {
        Some(record) => success(MedicalRecordView::new(&PatientRecord { patient, record }, &service)),
        None => disclosing(done(), Disclosure::of("inquiry", &id, Some(patient))),
    })
}

/// One medical record
#[utoipa::path(get, path = "/api/medical/queryMedicalByID", tag = "medical", operation_id = "queryMedicalByID",
    params(("medicalId" = i64, Query, description = "The record's id")),
    responses((status = 200, description = "The record", body = Envelope<MedicalRecordView>)))]
pub(crate) async fn find(service: web::Data<Service>, caller: Caller<AnyRole>, mut query: Query) -> Answer {
    let id = query.id("medicalId", MedicalRecordId);
    let id = query.finish(id)?;
    let record = service.use_cases.consultations.find(&caller.actor, id).await?;
    Ok(success(MedicalRecordView::new(&record, &service)))
}

/// Record a consultation, which ends it
///
/// Where drugs are needed, a drug order comes into being with the record.
#[utoipa::path(post, path = "/api/medical/medicalRegistration", tag = "medical",
    operation_id = "medicalRegistration", request_body = MedicalRegistrationBody,
    responses((status = 200, description = "The new record", body = Envelope<MedicalRecordView>)))]
pub(crate) async fn register(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    mut body: Body,
) -> Answer {
    let inquiry = body.id("bind_inquiry_id", InquiryId);
    let description = body.optional("diagnostic_description", DiagnosticDescription::parse);
    let video = body.required("inquiry_video", FileMention::parse);
    let image = body.required("medical_img", FileMention::parse);
    let needs_drugs = body.boolean("is_need_by_drug");
    let report = inquiry.zip(video).zip(image).zip(needs_drugs).map(
        |(((inquiry, inquiry_video), medical_img), needs_drugs)| ConsultationReport {
            inquiry,
            diagnostic_description: description.unwrap_or_default(),
            inquiry_video,
            medical_img,
            needs_drugs,
        },
    );
    let report = body.finish(report)?;
    let record = service.use_cases.consultations.register(&caller.actor, report).await?;
    Ok(success(MedicalRecordView::new(&record, &service)))
}
