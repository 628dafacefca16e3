//! What an export holds, section by section, as it is read.

use futures_util::TryStreamExt as _;
use serde_json::{Map, Value, json};
use yilin_domain::account::{Actor, Role};
use yilin_domain::drug_order::DrugOrderDetails;
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::InquiryDetails;
use yilin_domain::list::Batches;
use yilin_domain::medical_record::{MedicalRecordOfInquiry, PatientRecord};
use yilin_domain::usecase::{DrugOrderSelection, InquirySelection, OwnAccess};
use yilin_web::Service;
use yilin_web::error::ApiError;

use crate::view::{
    AccessView, AccountView, DrugOrderHistoryView, DrugOrderView, InquiryHistoryView, InquiryView,
    MedicalRecordView, TurnView,
};

/// The part of the data that a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Account,
    Inquiries,
    MedicalRecords,
    DrugOrders,
    Conversation,
    AccessLog,
}

impl Section {
    pub(super) const ALL: [Self; 6] = [
        Self::Account,
        Self::Inquiries,
        Self::MedicalRecords,
        Self::DrugOrders,
        Self::Conversation,
        Self::AccessLog,
    ];

    /// What it is called in `data.json`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Inquiries => "inquiries",
            Self::MedicalRecords => "medical_records",
            Self::DrugOrders => "drug_orders",
            Self::Conversation => "conversation",
            Self::AccessLog => "access_log",
        }
    }

    /// What it is called in the page.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Account => "账户 Account",
            Self::Inquiries => "问诊 Visits",
            Self::MedicalRecords => "病历 Medical records",
            Self::DrugOrders => "药品代买 Drug orders",
            Self::Conversation => "与智能助手的对话 Conversation with the assistant",
            Self::AccessLog => "谁查看过我的数据 Who has seen my data",
        }
    }
}

/// The data of one person, read anew for each section.
#[derive(Clone, Copy)]
pub(super) struct Content<'a> {
    service: &'a Service,
    reader: &'a Actor,
}

impl<'a> Content<'a> {
    pub(super) fn new(service: &'a Service, reader: &'a Actor) -> Self {
        Self { service, reader }
    }

    /// Gives each record of a section in turn.
    pub(super) async fn each(
        self,
        section: Section,
        mut give: impl AsyncFnMut(Value) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        match section {
            Section::Account => {
                let account = self.service.use_cases.accounts.own(self.reader).await?;
                give(shown(&AccountView::new(&account, false, self.service.hospital_time()))?).await
            }
            // What a physician or an admin sees of visits is other people's.
            Section::Inquiries | Section::MedicalRecords | Section::DrugOrders
                if self.reader.role != Role::Patient =>
            {
                Ok(())
            }
            Section::Inquiries => {
                self.each_inquiry(async |details| give(self.inquiry(&details).await?).await).await
            }
            Section::MedicalRecords => {
                self.each_inquiry(async |details| match self.medical_record(details.inquiry.id).await? {
                    Some(record) => give(record).await,
                    None => Ok(()),
                })
                .await
            }
            Section::DrugOrders => {
                let selection = DrugOrderSelection::OfPatient(StatusSet::all());
                let orders = self.service.use_cases.drug_orders.all(self.reader, selection)?;
                each_of(orders, async |details| give(self.drug_order(&details).await?).await).await
            }
            Section::Conversation => {
                let turns = self.service.use_cases.chat.all(self.reader);
                let zone = self.service.options.zone;
                each_of(turns, async |turn| give(shown(&TurnView::new(&turn, zone))?).await).await
            }
            Section::AccessLog => {
                let accesses = self.service.use_cases.audit.own_all(self.reader);
                each_of(accesses, async |access| give(self.access(&access)?).await).await
            }
        }
    }

    async fn each_inquiry(
        self,
        give: impl AsyncFnMut(InquiryDetails) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let selection = InquirySelection::OfPatient(StatusSet::all());
        each_of(self.service.use_cases.inquiries.all(self.reader, selection)?, give).await
    }

    async fn inquiry(self, details: &InquiryDetails) -> Result<Value, ApiError> {
        let history = self.service.use_cases.inquiries.history(self.reader, details.inquiry.id).await?;
        let history = shown(&InquiryHistoryView::new(&history, self.service.options.zone))?;
        let inquiry = shown(&InquiryView::new(details, self.service.hospital_time()))?;
        Ok(with_history(inquiry, history))
    }

    async fn medical_record(self, inquiry: InquiryId) -> Result<Option<Value>, ApiError> {
        let found = self.service.use_cases.consultations.of_inquiry(self.reader, inquiry).await?;
        let MedicalRecordOfInquiry { patient, record, addenda, .. } = found;
        let record = record.map(|record| PatientRecord { patient, record, addenda });
        let shown = record.map(|record| shown(&MedicalRecordView::new(&record, self.reader, self.service)));
        Ok(shown.transpose()?.map(without_others))
    }

    async fn drug_order(self, details: &DrugOrderDetails) -> Result<Value, ApiError> {
        let history = self.service.use_cases.drug_orders.history(self.reader, details.order.id).await?;
        let history = shown(&DrugOrderHistoryView::new(&history, self.service.options.zone))?;
        Ok(with_history(shown(&DrugOrderView::new(details, self.reader, self.service))?, history))
    }

    fn access(self, access: &OwnAccess) -> Result<Value, ApiError> {
        let (own, zone) = (self.reader.uuid, self.service.options.zone);
        let mut view = shown(&AccessView::new(access, own, zone))?;
        let agent = access.record.entry.event.agent;
        if agent.is_some_and(|agent| agent.uuid != own && agent.role != Role::Physician) {
            view["agent_name"] = json!("");
        }
        Ok(view)
    }
}

async fn each_of<T>(
    mut batches: Batches<T>,
    mut give: impl AsyncFnMut(T) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    while let Some(batch) = batches.try_next().await? {
        for record in batch {
            give(record).await?;
        }
    }
    Ok(())
}

/// The record with the list of a history.
fn with_history(mut record: Value, mut history: Value) -> Value {
    record["history"] = history.get_mut("list").map(Value::take).unwrap_or_default();
    without_others(record)
}

/// The same record without what it says of other people than physicians' names.
fn without_others(mut record: Value) -> Value {
    match &mut record {
        Value::Object(members) => {
            let of_order = members.contains_key("physician_username");
            members.retain(|name, value| {
                !(of_order && (name == "hospital" || (name == "physician" && value.is_string())))
            });
            for (name, value) in members {
                *value = match (name.as_str(), value.take()) {
                    ("physician", Value::Object(physician)) => named(physician),
                    ("by", Value::Object(by)) => maker(by),
                    (_, value) => without_others(value),
                };
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| *value = without_others(value.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    record
}

/// A physician by name.
fn named(mut physician: Map<String, Value>) -> Value {
    physician.retain(|name, _| name == "username");
    physician.into()
}

/// Who did something: physicians, and the patient, by name; of others the role.
fn maker(mut by: Map<String, Value>) -> Value {
    let is_admin = by.get("role").is_some_and(|role| role == Role::Admin.as_str());
    by.retain(|name, _| name == "role" || (name == "username" && !is_admin));
    by.into()
}

fn shown(view: &impl serde::Serialize) -> Result<Value, ApiError> {
    serde_json::to_value(view).map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_of_others_but_physicians_names() {
        let physician = json!({"uuid": "1", "username": "李志强", "sex": "男", "hospital": "社区医院"});
        let by = |role: &str| json!({"uuid": "2", "username": "某人", "role": role});
        let record = json!({
            "id": 1, "hospital": "x", "physician": physician, "addenda": [{"by": by("医师"), "text": "t"}],
            "history": [{"by": by("系统管理员"), "physician": physician}, {"by": by("患者")}],
        });
        let expected = json!({
            "id": 1, "hospital": "x", "physician": {"username": "李志强"},
            "addenda": [{"by": {"username": "某人", "role": "医师"}, "text": "t"}],
            "history": [
                {"by": {"role": "系统管理员"}, "physician": {"username": "李志强"}},
                {"by": {"username": "某人", "role": "患者"}},
            ],
        });
        assert_eq!(without_others(record), expected);
        let order = json!({"physician": "1", "physician_username": "李志强", "hospital": "社区医院"});
        assert_eq!(without_others(order), json!({"physician_username": "李志强"}));
    }
}
