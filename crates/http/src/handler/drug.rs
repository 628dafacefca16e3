//! Drug orders.

use actix_web::web;
use yilin_domain::account::Actor;
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderStatus};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::file::FileMention;
use yilin_domain::id::{DrugOrderId, MedicalRecordId};
use yilin_domain::usecase::DrugOrderSelection;

use super::Answer;
use crate::auth::{AdminOnly, AnyRole, Caller, PatientOnly, PhysicianOnly};
use crate::envelope::{Envelope, success};
use crate::input::{Paging, Query};
use crate::list::{self, ListView};
use crate::request_schema::PageParameters;
use crate::service::Service;
use crate::view::DrugOrderView;

/// A patient's own drug orders
///
/// `raw`: 0 all, 1 purchased or later, 2 not purchased, 3 dispatched and not received, 4 purchased and
/// not dispatched, 5 received. Texts show `&`, `+` and `%41` in full-width forms.
#[utoipa::path(get, path = "/api/drug/queryPatientAgentDrugHistory", tag = "drug",
    operation_id = "queryPatientAgentDrugHistory",
    params(("raw" = Option<i64>, Query, description = "Which orders", minimum = 0, maximum = 5), PageParameters),
    responses((status = 200, description = "Drug orders", body = Envelope<ListView<DrugOrderView>>)))]
pub(crate) async fn of_patient(
    service: web::Data<Service>,
    caller: Caller<PatientOnly>,
    query: Query,
) -> Answer {
    answer_list(&service, &caller.actor, query, DrugOrderSelection::OfPatient, DrugOrderView::safe_in_address)
        .await
}

/// A physician's own drug orders
///
/// `raw`: 0 all, 1 purchased or later, 2 not purchased, 3 dispatched and not received, 4 purchased and
/// not dispatched, 5 received. Texts show `&`, `+` and `%41` in full-width forms.
#[utoipa::path(get, path = "/api/drug/queryPhysiciansAgentHistoryRecord", tag = "drug",
    operation_id = "queryPhysiciansAgentHistoryRecord",
    params(("raw" = Option<i64>, Query, description = "Which orders", minimum = 0, maximum = 5), PageParameters),
    responses((status = 200, description = "Drug orders", body = Envelope<ListView<DrugOrderView>>)))]
pub(crate) async fn of_physician(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    query: Query,
) -> Answer {
    answer_list(
        &service,
        &caller.actor,
        query,
        DrugOrderSelection::OfPhysician,
        DrugOrderView::safe_in_address,
    )
    .await
}

/// All drug orders
///
/// `raw`: 0 all, 1 purchased or later, 2 not purchased, 3 dispatched and not received, 4 purchased and
/// not dispatched, 5 received.
#[utoipa::path(get, path = "/api/drug/queryAllDrug", tag = "drug", operation_id = "queryAllDrug",
    params(("raw" = Option<i64>, Query, description = "Which orders", minimum = 0, maximum = 5), PageParameters),
    responses((status = 200, description = "Drug orders", body = Envelope<ListView<DrugOrderView>>)))]
pub(crate) async fn all(service: web::Data<Service>, caller: Caller<AdminOnly>, query: Query) -> Answer {
    answer_list(&service, &caller.actor, query, DrugOrderSelection::All, |view| view).await
}

/// One drug order
#[utoipa::path(get, path = "/api/drug/queryDrugByID", tag = "drug", operation_id = "queryDrugByID",
    params(("id" = i64, Query, description = "The order's id")),
    responses((status = 200, description = "The drug order", body = Envelope<DrugOrderView>)))]
pub(crate) async fn find(service: web::Data<Service>, caller: Caller<AnyRole>, mut query: Query) -> Answer {
    let id = query.id("id", DrugOrderId);
    let id = query.finish(id)?;
    Ok(show(&service.use_cases.drug_orders.find(&caller.actor, id).await?, &service))
}

/// The drug order of a medical record
#[utoipa::path(get, path = "/api/drug/queryDrugByMedicalId", tag = "drug", operation_id = "queryDrugByMedicalId",
    params(("medical_id" = i64, Query, description = "The medical record's id")),
    responses((status = 200, description = "The drug order", body = Envelope<DrugOrderView>)))]
pub(crate) async fn of_medical_record(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    mut query: Query,
) -> Answer {
    let id = query.id("medical_id", MedicalRecordId);
    let id = query.finish(id)?;
    Ok(show(&service.use_cases.drug_orders.of_medical_record(&caller.actor, id).await?, &service))
}

/// The physician has bought the drugs
#[utoipa::path(post, path = "/api/drug/physiciansOrderAgentDrug", tag = "drug",
    operation_id = "physiciansOrderAgentDrug", params(("id" = i64, Query, description = "The order's id")),
    responses((status = 200, description = "The purchased order", body = Envelope<DrugOrderView>)))]
pub(crate) async fn purchase(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    mut query: Query,
) -> Answer {
    let id = query.id("id", DrugOrderId);
    let id = query.finish(id)?;
    Ok(show(&service.use_cases.drug_orders.purchase(&caller.actor, id).await?, &service))
}

/// The physician has sent the drugs, and proves it
#[utoipa::path(post, path = "/api/drug/physiciansOrderDelivery", tag = "drug",
    operation_id = "physiciansOrderDelivery",
    params(("id" = i64, Query, description = "The order's id"),
        ("certificate" = String, Query, min_length = 1, description = "The URL or CID of invoice and proof of delivery")),
    responses((status = 200, description = "The dispatched order", body = Envelope<DrugOrderView>)))]
pub(crate) async fn dispatch(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    mut query: Query,
) -> Answer {
    let id = query.id("id", DrugOrderId);
    let certificate = query.required("certificate", FileMention::parse);
    let (id, certificate) = query.finish(id.zip(certificate))?;
    Ok(show(&service.use_cases.drug_orders.dispatch(&caller.actor, id, &certificate).await?, &service))
}

/// The hospital confirms that the patient has the drugs
#[utoipa::path(post, path = "/api/drug/hospitalAgentDrugConfirmReceipt", tag = "drug",
    operation_id = "hospitalAgentDrugConfirmReceipt", params(("id" = i64, Query, description = "The order's id")),
    responses((status = 200, description = "The received order", body = Envelope<DrugOrderView>)))]
pub(crate) async fn confirm_receipt(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    mut query: Query,
) -> Answer {
    let id = query.id("id", DrugOrderId);
    let id = query.finish(id)?;
    Ok(show(&service.use_cases.drug_orders.confirm_receipt(&caller.actor, id).await?, &service))
}

fn show(details: &DrugOrderDetails, service: &Service) -> actix_web::HttpResponse {
    success(DrugOrderView::new(details, service))
}

async fn answer_list(
    service: &Service,
    actor: &Actor,
    mut query: Query,
    selection: fn(StatusSet<DrugOrderStatus>) -> DrugOrderSelection,
    finish: fn(DrugOrderView) -> DrugOrderView,
) -> Answer {
    use DrugOrderStatus::{Dispatched, Pending, Purchased, Received};
    let choices = [
        ("0", StatusSet::all()),
        ("1", StatusSet::matching(DrugOrderStatus::is_purchased)),
        ("2", StatusSet::of(&[Pending])),
        ("3", StatusSet::of(&[Dispatched])),
        ("4", StatusSet::of(&[Purchased])),
        ("5", StatusSet::of(&[Received])),
    ];
    let statuses = query.choice("raw", &choices);
    let paging = query.paging();
    let (statuses, paging) = query.finish(statuses.map(|statuses| (statuses, paging)))?;
    let (drug_orders, selection) = (&service.use_cases.drug_orders, selection(statuses));
    let shown = service.clone();
    let view = move |details: &DrugOrderDetails| finish(DrugOrderView::new(details, &shown));
    match paging {
        Paging::Page(page) => Ok(list::page(&drug_orders.page(actor, selection, page).await?, page, view)),
        Paging::Complete => list::complete(drug_orders.all(actor, selection)?, view).await,
    }
}
