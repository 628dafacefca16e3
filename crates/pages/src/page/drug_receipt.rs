//! The hospital confirms that the patient has the drugs: a page that shows the proof of delivery, and its form.

use askama::Template;
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::error::Error;
use yilin_domain::id::{DrugOrderId, Version};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::NoFields;
use yilin_web::route::{Record, Route, get, post};

use super::changed::{self, NotTaken, not_taken, own_change};
use super::drug_order::{OrderFacts, path as order_path, timeline};
use crate::answer::{PageResult, View, page, see_other};
use crate::console::{Console, Live};
use crate::form::{Form, Posted, Sent};
use crate::id::Id;
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

const PATH: &str = "/console/drug-orders/{id}/receipt";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(PATH, "consoleReceiptPage", show).audited(Read, "drug_order", Record::Field("id")),
        post(PATH, "consoleReceipt", confirm).audited(Update, "drug_order", Record::Field("id")),
    ]
}

/// The path of the page.
pub(super) fn path(id: DrugOrderId) -> String {
    format!("{}/receipt", order_path(id))
}

#[derive(Template)]
#[template(path = "page/drug_receipt.html")]
struct ReceiptPage {
    ui: Ui,
    facts: OrderFacts,
    form: Form,
}

impl Discloses for ReceiptPage {
    fn disclosure(&self) -> Disclosure {
        self.facts.disclosure()
    }
}

impl View for ReceiptPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(Live(console): Live, Id(id): Id<DrugOrderId>) -> PageResult {
    let details = console.use_cases().drug_orders.find(&console.actor, id).await?;
    if !details.order.status().awaits_confirmation() {
        return changed(&console, id, None).await;
    }
    let texts = console.texts;
    let form = Form::of(&console, path(id), &Sent::default(), texts.text("drug-receipt-do"))
        .of_version(details.order.version)
        .or_back(order_path(id), texts.text("form-back"));
    page(&ReceiptPage {
        ui: console.ui(Section::DrugOrders, "drug-receipt"),
        facts: OrderFacts::new(&details, &console),
        form,
    })
}

async fn confirm(Id(id): Id<DrugOrderId>, posted: Posted<NoFields>) -> PageResult {
    let Posted { console, sent, .. } = posted;
    let orders = console.use_cases().drug_orders.seen_at(sent.version());
    match orders.confirm_receipt(&console.actor, id).await {
        Ok(_) => Ok(see_other(done_path(id))),
        Err(Error::Changed | Error::IllegalStep(_) | Error::Contended) => {
            changed(&console, id, sent.version()).await
        }
        Err(error) => Err(error.into()),
    }
}

fn done_path(id: DrugOrderId) -> String {
    with_parameter(&order_path(id), "done", "received")
}

/// Somebody changed the order meanwhile, unless that was this very form, sent twice: then it leads to where the first
/// one led.
async fn changed(console: &Console, id: DrugOrderId, seen: Option<Version>) -> PageResult {
    let history = console.use_cases().drug_orders.history(&console.actor, id).await?;
    let own = seen.and_then(|seen| own_change(&history, console.actor.uuid, seen));
    if own.is_some_and(|entry| entry.to.is_received()) {
        return Ok(see_other(done_path(id)));
    }
    let order = &history.record.order;
    let is_open = order.status().awaits_confirmation();
    let step = NotTaken {
        record: changed::Record::Order(OrderFacts::new(&history.record, console)),
        was_sent: seen.is_some(),
        why: None,
        // Without a version, everything that happened may be new.
        since: timeline(&history, seen.unwrap_or(order.version), console),
        typed: None,
        again: is_open.then(|| (path(id), "drug-receipt")),
        back: order_path(id),
    };
    not_taken(console, step)
}
