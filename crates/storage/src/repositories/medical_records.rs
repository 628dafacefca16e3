use async_trait::async_trait;
use futures_util::FutureExt as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::id::{InquiryId, MedicalRecordId};
use yilin_domain::inquiry::Registration;
use yilin_domain::medical_record::{MedicalRecord, MedicalRecordOfInquiry, Registered};
use yilin_domain::port::{MedicalRecordRepository, PortError};

use super::Database;
use super::queries::medical_records;

#[async_trait]
impl MedicalRecordRepository for Database {
    async fn register(&self, registration: &Registration) -> Result<Option<Registered>, PortError> {
        let today = self.zone.day(registration.inquiry.provenance.at);
        self.engine
            .write_or_undo((registration.clone(), today), |conn, (registration, today)| {
                medical_records::register(conn, registration, *today).boxed()
            })
            .await
    }

    async fn of_inquiry(&self, inquiry: InquiryId) -> Result<Option<MedicalRecordOfInquiry>, PortError> {
        self.engine.read(inquiry, |conn, inquiry| medical_records::of_inquiry(conn, *inquiry).boxed()).await
    }

    async fn of_patient(&self, patient: AccountUuid, limit: u16) -> Result<Vec<MedicalRecord>, PortError> {
        self.engine
            .read((patient, limit), |conn, (patient, limit)| {
                medical_records::of_patient(conn, *patient, *limit).boxed()
            })
            .await
    }

    async fn find(&self, id: MedicalRecordId) -> Result<Option<MedicalRecordOfInquiry>, PortError> {
        self.engine.read(id, |conn, id| medical_records::find(conn, *id).boxed()).await
    }
}
