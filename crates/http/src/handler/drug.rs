//! Drug orders.

use actix_web::web;
use yilin_domain::account::Actor;
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderStatus};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::error::Error;
use yilin_domain::error::IllegalStep::{
    DrugOrderAlreadyDispatched, DrugOrderAlreadyPurchased, DrugOrderAlreadyReceived, DrugOrderNotDispatched,
    DrugOrderNotPurchased,
};
use yilin_domain::file::FileMention;
use yilin_domain::id::{DrugOrderId, MedicalRecordId};
use yilin_domain::usecase::DrugOrderSelection;
use yilin_web::Service;
use yilin_web::auth::{AdminOnly, AnyRole, Caller, PatientOnly, PhysicianOnly};
use yilin_web::input::{Choice, Choices, Paging, Query, Selected, request};
use yilin_web::route::{Record, Route, get, post, tagged};

use crate::list;
use crate::reply::{Answer, List, One, Reply, success};
use crate::view::{DrugOrderHistoryView, DrugOrderView};

pub(crate) fn routes() -> Vec<Route> {
    let id = Record::Field("id");
    let widened = "Texts show `&`, `+` and `%41` in full-width forms.";
    tagged(
        "drug",
        [
            get("/api/drug/queryPatientAgentDrugHistory", "queryPatientAgentDrugHistory", of_patient)
                .summary("The patient's own drug orders")
                .details(widened)
                .audited(Read, "drug_order", Record::Search),
            get(
                "/api/drug/queryPhysiciansAgentHistoryRecord",
                "queryPhysiciansAgentHistoryRecord",
                of_physician,
            )
            .summary("The physician's own drug orders")
            .details(widened)
            .audited(Read, "drug_order", Record::Search),
            get("/api/drug/queryAllDrug", "queryAllDrug", all).summary("All drug orders").audited(
                Read,
                "drug_order",
                Record::Search,
            ),
            get("/api/drug/queryDrugByID", "queryDrugByID", find)
                .summary("One drug order")
                .callers("admin, the order's parties")
                .errors([Error::NotFound])
                .audited(Read, "drug_order", id),
            get("/api/drug/queryDrugByMedicalId", "queryDrugByMedicalId", of_medical_record)
                .summary("The drug order of a medical record")
                .callers("admin, the order's parties")
                .errors([Error::NotFound])
                .audited(Read, "medical_record", Record::Field("medical_id")),
            get("/api/drug/drugHistory", "drugHistory", history)
                .summary("The history of a drug order")
                .callers("admin, the order's parties")
                .errors([Error::NotFound])
                .audited(Read, "drug_order", id),
            post("/api/drug/physiciansOrderAgentDrug", "physiciansOrderAgentDrug", purchase)
                .summary("Record that the drugs were purchased")
                .callers("the order's physician")
                .errors([Error::NotFound, Error::Contended])
                .errors([DrugOrderAlreadyPurchased])
                .audited(Update, "drug_order", id),
            post("/api/drug/physiciansOrderDelivery", "physiciansOrderDelivery", dispatch)
                .summary("Record that the drugs were dispatched, with a certificate")
                .callers("the order's physician")
                .errors([Error::NotFound, Error::Contended])
                .errors([DrugOrderNotPurchased, DrugOrderAlreadyDispatched])
                .audited(Update, "drug_order", id),
            post(
                "/api/drug/hospitalAgentDrugConfirmReceipt",
                "hospitalAgentDrugConfirmReceipt",
                confirm_receipt,
            )
            .summary("Confirm receipt by the patient")
            .errors([Error::NotFound, Error::Contended])
            .errors([DrugOrderNotPurchased, DrugOrderNotDispatched, DrugOrderAlreadyReceived])
            .audited(Update, "drug_order", id),
        ],
    )
}

/// `raw`: the status of an order.
pub(crate) struct Progress;

impl Choices for Progress {
    type Value = StatusSet<DrugOrderStatus>;
    const CHOICES: &'static [Choice<Self::Value>] = &[
        ("0", "all", StatusSet::all),
        ("1", "purchased or later", || StatusSet::matching(DrugOrderStatus::is_purchased)),
        ("2", "not purchased", || StatusSet::of(&[DrugOrderStatus::Pending])),
        ("3", "dispatched, not received", || StatusSet::of(&[DrugOrderStatus::Dispatched])),
        ("4", "purchased, not dispatched", || StatusSet::of(&[DrugOrderStatus::Purchased])),
        ("5", "received", || StatusSet::of(&[DrugOrderStatus::Received])),
    ];
}

request! {
    /// Filter of orders.
    pub(crate) struct OrderFilter {
        /// The status.
        statuses: Selected<Progress> = "raw",
    }
}

async fn of_patient(
    service: web::Data<Service>,
    caller: Caller<PatientOnly>,
    Query((filter, paging)): Query<(OrderFilter, Paging)>,
) -> Answer<List<DrugOrderView>> {
    let selection = DrugOrderSelection::OfPatient(filter.statuses.0);
    list(&service, &caller.actor, selection, paging, DrugOrderView::safe_in_address).await
}

async fn of_physician(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    Query((filter, paging)): Query<(OrderFilter, Paging)>,
) -> Answer<List<DrugOrderView>> {
    let selection = DrugOrderSelection::OfPhysician(filter.statuses.0);
    list(&service, &caller.actor, selection, paging, DrugOrderView::safe_in_address).await
}

async fn all(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query((filter, paging)): Query<(OrderFilter, Paging)>,
) -> Answer<List<DrugOrderView>> {
    list(&service, &caller.actor, DrugOrderSelection::All(filter.statuses.0), paging, |view| view).await
}

request! {
    /// A drug order.
    pub(crate) struct OrderQuery {
        /// The order's id.
        id: DrugOrderId,
    }
}

async fn find(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    Query(OrderQuery { id }): Query<OrderQuery>,
) -> Answer<One<DrugOrderView>> {
    let order = service.use_cases.drug_orders.find(&caller.actor, id).await?;
    Ok(show(&order, &caller.actor, &service))
}

request! {
    /// The drug order of a medical record.
    pub(crate) struct OrderOfRecord {
        /// The medical record's id.
        record: MedicalRecordId = "medical_id",
    }
}

async fn history(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    Query(OrderQuery { id }): Query<OrderQuery>,
) -> Answer<One<DrugOrderHistoryView>> {
    let history = service.use_cases.drug_orders.history(&caller.actor, id).await?;
    Ok(success(DrugOrderHistoryView::new(&history, service.options.zone)))
}

async fn of_medical_record(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    Query(OrderOfRecord { record }): Query<OrderOfRecord>,
) -> Answer<One<DrugOrderView>> {
    let order = service.use_cases.drug_orders.of_medical_record(&caller.actor, record).await?;
    Ok(show(&order, &caller.actor, &service))
}

async fn purchase(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    Query(OrderQuery { id }): Query<OrderQuery>,
) -> Answer<One<DrugOrderView>> {
    let order = service.use_cases.drug_orders.purchase(&caller.actor, id).await?;
    Ok(show(&order, &caller.actor, &service))
}

request! {
    /// The dispatch of an order.
    pub(crate) struct Delivery {
        /// The order's id.
        id: DrugOrderId,
        /// Invoice and proof of delivery.
        certificate: FileMention,
    }
}

async fn dispatch(
    service: web::Data<Service>,
    caller: Caller<PhysicianOnly>,
    Query(Delivery { id, certificate }): Query<Delivery>,
) -> Answer<One<DrugOrderView>> {
    let order = service.use_cases.drug_orders.dispatch(&caller.actor, id, &certificate).await?;
    Ok(show(&order, &caller.actor, &service))
}

async fn confirm_receipt(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query(OrderQuery { id }): Query<OrderQuery>,
) -> Answer<One<DrugOrderView>> {
    let order = service.use_cases.drug_orders.confirm_receipt(&caller.actor, id).await?;
    Ok(show(&order, &caller.actor, &service))
}

fn show(details: &DrugOrderDetails, reader: &Actor, service: &Service) -> Reply<One<DrugOrderView>> {
    success(DrugOrderView::new(details, reader, service))
}

async fn list(
    service: &Service,
    actor: &Actor,
    selection: DrugOrderSelection,
    paging: Paging,
    finish: fn(DrugOrderView) -> DrugOrderView,
) -> Answer<List<DrugOrderView>> {
    let (drug_orders, shown, reader) = (&service.use_cases.drug_orders, service.clone(), actor.clone());
    let view = move |details: &DrugOrderDetails| finish(DrugOrderView::new(details, &reader, &shown));
    match paging {
        Paging::Page(page) => Ok(list::page(&drug_orders.page(actor, selection, page).await?, page, view)),
        Paging::Complete => list::complete(drug_orders.all(actor, selection)?, view).await,
    }
}
