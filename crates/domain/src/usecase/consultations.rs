//! Consultations and their medical records.

use std::sync::Arc;

use super::{Context, Files, decide_and_save};
use crate::account::{AccountSummary, Actor, Role};
use crate::error::Error;
use crate::file::{FileMention, FileReference};
use crate::id::{InquiryId, MedicalRecordId};
use crate::idempotency::Receipt;
use crate::inquiry::Amendment;
use crate::medical_record::{
    Addendum, AddendumNotes, AddendumText, ConsultationNotes, DiagnosticDescription, MedicalRecordOfInquiry,
    PatientRecord, Registered,
};
use crate::port::AmendRefused;
use crate::reason::Reason;

/// A physician's report at the end of a consultation.
#[derive(Debug, Clone)]
pub struct ConsultationReport {
    /// The inquiry.
    pub inquiry: InquiryId,
    /// The physician's findings.
    pub diagnostic_description: DiagnosticDescription,
    /// The recording of the consultation.
    pub inquiry_video: FileMention,
    /// The image of the paper record.
    pub medical_img: FileMention,
    /// Whether the physician has to purchase drugs for the patient.
    pub needs_drugs: bool,
}

/// A physician's addendum to a medical record.
#[derive(Debug, Clone)]
pub struct AddendumReport {
    /// The record.
    pub record: MedicalRecordId,
    /// The text.
    pub text: AddendumText,
    /// Why it is added.
    pub reason: Reason,
    /// An additional image.
    pub medical_img: Option<FileMention>,
    /// An additional recording.
    pub inquiry_video: Option<FileMention>,
}

/// Consultations and their medical records.
#[derive(Clone)]
pub struct Consultations {
    context: Arc<Context>,
    files: Files,
}

impl Consultations {
    pub(super) fn new(context: Arc<Context>, files: Files) -> Self {
        Self { context, files }
    }

    /// The physician registers the consultation, which ends it.
    pub async fn register(&self, actor: &Actor, report: ConsultationReport) -> Result<PatientRecord, Error> {
        actor.require(&[Role::Physician])?;
        let notes = ConsultationNotes {
            inquiry_video: self.files.resolve(actor, &report.inquiry_video).await?,
            medical_img: self.files.resolve(actor, &report.medical_img).await?,
            diagnostic_description: report.diagnostic_description,
            needs_drugs: report.needs_drugs,
        };
        let ports = &self.context.ports;
        decide_and_save(|| async {
            let inquiry = ports
                .inquiries
                .find(report.inquiry)
                .await?
                .map(|details| details.inquiry)
                .filter(|inquiry| inquiry.physician() == Some(actor.uuid))
                .ok_or(Error::NotFound)?;
            let patient = inquiry.patient;
            let (provenance, deadlines) = (self.context.provenance(actor), &self.context.policy.deadlines);
            let registration = inquiry.register(notes.clone(), provenance, deadlines)?;
            let registered = ports.medical_records.register(&registration).await?;
            let record = |registered: Registered| registered.record;
            Ok(registered.map(record).map(|record| PatientRecord { patient, record, addenda: Vec::new() }))
        })
        .await
    }

    /// The record's physician adds an addendum.
    pub async fn amend(&self, actor: &Actor, report: AddendumReport) -> Result<PatientRecord, Error> {
        self.amend_once(actor, report, None).await
    }

    /// As [`Self::amend`], for a request whose answer is stored with the addendum.
    pub async fn amend_once(
        &self,
        actor: &Actor,
        report: AddendumReport,
        receipt: Option<Receipt<PatientRecord>>,
    ) -> Result<PatientRecord, Error> {
        actor.require(&[Role::Physician])?;
        let notes = AddendumNotes {
            text: report.text,
            medical_img: self.resolve(actor, report.medical_img.as_ref()).await?,
            inquiry_video: self.resolve(actor, report.inquiry_video.as_ref()).await?,
        };
        let ports = &self.context.ports;
        let by = ports.accounts.find(actor.uuid).await?.ok_or(Error::SessionWithoutAccount)?;
        decide_and_save(|| async {
            let found = self.find(actor, report.record).await?.record;
            let details = ports.inquiries.find(found.inquiry).await?;
            let inquiry = details.map(|details| details.inquiry);
            let inquiry = inquiry.filter(|inquiry| inquiry.physician() == Some(actor.uuid));
            let (provenance, deadlines) = (self.context.provenance(actor), &self.context.policy.deadlines);
            let amendment = inquiry.ok_or(Error::NotFound)?.amend(
                found.id,
                notes.clone(),
                report.reason.clone(),
                provenance,
                deadlines,
            )?;
            // Read after the inquiry: if it were to change before the addendum is stored, so would the inquiry.
            let mut amended = self.find(actor, report.record).await?;
            amended.addenda.push(Addendum {
                at: amendment.inquiry.provenance.at,
                by: AccountSummary::from(&by),
                reason: report.reason.clone(),
                notes: notes.clone(),
            });
            let receipt = receipt.as_ref().map(|receipt| receipt.rendered(&amended));
            match ports.medical_records.amend(&Amendment { receipt, ..amendment }).await? {
                Ok(()) => Ok(Ok(amended)),
                Err(AmendRefused::Stale(stale)) => Ok(Err(stale)),
                Err(AmendRefused::KeyUsed(used)) => Err(used.into()),
            }
        })
        .await
    }

    async fn resolve(
        &self,
        actor: &Actor,
        mention: Option<&FileMention>,
    ) -> Result<Option<FileReference>, Error> {
        match mention {
            Some(mention) => self.files.resolve(actor, mention).await.map(Some),
            None => Ok(None),
        }
    }

    /// The parties of an inquiry, and its record if it has one; for admins and the parties.
    pub async fn of_inquiry(
        &self,
        actor: &Actor,
        inquiry: InquiryId,
    ) -> Result<MedicalRecordOfInquiry, Error> {
        let found = self.context.ports.medical_records.of_inquiry(inquiry).await?;
        visible(actor, found)
    }

    /// A record, for admins and the parties of its inquiry.
    pub async fn find(&self, actor: &Actor, id: MedicalRecordId) -> Result<PatientRecord, Error> {
        let found = self.context.ports.medical_records.find(id).await?;
        let MedicalRecordOfInquiry { patient, record, addenda, .. } = visible(actor, found)?;
        record.map(|record| PatientRecord { patient, record, addenda }).ok_or(Error::NotFound)
    }
}

fn visible(actor: &Actor, found: Option<MedicalRecordOfInquiry>) -> Result<MedicalRecordOfInquiry, Error> {
    found.filter(|found| actor.is_admin() || found.has_party(actor.uuid)).ok_or(Error::NotFound)
}
