//! Handing a physician's work over to another one.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{Context, decide_and_save};
use crate::account::{Account, AccountUuid, Actor, PeopleFilter, Role};
use crate::drug_order::{DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use crate::enumeration::StatusSet;
use crate::error::Error;
use crate::id::{DrugOrderId, InquiryId};
use crate::inquiry::{InquiryFilter, InquiryParty, InquiryStatus};
use crate::list::{BATCH_SIZE, PageRequest, Window};
use crate::reason::Reason;
use crate::transition::Stale;
use crate::validation::{FieldProblem, Invalid, Validation};

/// How many records are handed over at a time.
const AT_ONCE: usize = 4;

/// How much work is handed over, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// How many inquiries, which the other physician now has to answer.
    pub inquiries: u64,
    /// How many drug orders.
    pub drug_orders: u64,
}

impl HandedOver {
    /// Whether there is nothing to hand over.
    pub const fn is_nothing(self) -> bool {
        self.inquiries == 0 && self.drug_orders == 0
    }
}

/// What a hand-over would move, and who can take it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOverProspect {
    /// The physician whose work it is.
    pub from: Account,
    /// What would move now.
    pub work: HandedOver,
    /// Physicians who can take it over, the most recently created first.
    pub successors: Vec<Account>,
    /// Whether there are more: then a more precise search finds them.
    pub has_more: bool,
}

/// Handing a physician's work over to another one.
#[derive(Clone)]
pub struct HandOver {
    context: Arc<Context>,
}

impl HandOver {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Hands every inquiry whose consultation has not ended and every drug order that is not received over
    /// to another physician; `from` may be disabled. Each record is a unit of work of its own, so that a call
    /// that is interrupted leaves nothing half-done, and a repeated one moves what is left.
    pub async fn run(
        &self,
        actor: &Actor,
        from: AccountUuid,
        to: AccountUuid,
        reason: Reason,
    ) -> Result<HandedOver, Error> {
        actor.require(&[Role::Admin])?;
        self.check(from, to).await?;
        let way = Way { context: &self.context, actor, from, to, reason };
        // The drug order of a consultation that is registered meanwhile is one of those that come later.
        Ok(HandedOver { inquiries: way.inquiries().await?, drug_orders: way.drug_orders().await? })
    }

    /// What a hand-over would move, and the physicians who can take it over: those whom the text (a part of a name,
    /// phone number or uuid) matches, or some if it is blank.
    pub async fn prospect(
        &self,
        actor: &Actor,
        from: AccountUuid,
        text: &str,
    ) -> Result<HandOverProspect, Error> {
        /// Maximum number of physicians found at once.
        const FOUND: u16 = 20;
        let work = self.open_work(actor, from).await?;
        let ports = &self.context.ports;
        let from = ports.accounts.find(from).await?.filter(|account| account.role == Role::Physician);
        let from = from.ok_or(Error::NotFound)?;
        let filter = PeopleFilter::active_physicians(text);
        let found = ports.people.slice(&filter, Window::Newest, FOUND).await?;
        let has_more = found.older.is_some();
        let mut successors = found.items;
        successors.retain(|account| account.uuid != from.uuid);
        Ok(HandOverProspect { from, work, successors, has_more })
    }

    /// What a hand-over from this account would move now: nothing from one that is not a physician's.
    pub async fn open_work(&self, actor: &Actor, from: AccountUuid) -> Result<HandedOver, Error> {
        /// Only the total counts.
        const FIRST: PageRequest = PageRequest { number: 1, size: 1 };
        actor.require(&[Role::Admin])?;
        let ports = &self.context.ports;
        let inquiries = ports.inquiries.page(&open_inquiries(from), FIRST).await?.total;
        let drug_orders = ports.drug_orders.page(&open_drug_orders(from), FIRST).await?.total;
        Ok(HandedOver { inquiries, drug_orders })
    }

    async fn check(&self, from: AccountUuid, to: AccountUuid) -> Result<(), Error> {
        let accounts = self.context.ports.accounts.find_all(&[from, to]).await?;
        let is = |uuid, property: fn(&Account) -> bool| {
            accounts.iter().any(|account| account.uuid == uuid && property(account))
        };
        let mut validation = Validation::default();
        if !is(from, |account| account.role == Role::Physician) {
            validation.reject("from", FieldProblem::UnknownPhysician);
        }
        if !is(to, Account::is_active_physician) {
            validation.reject("to", FieldProblem::UnknownPhysician);
        } else if from == to {
            validation.reject("to", FieldProblem::SamePhysician);
        }
        Ok(validation.finish(Some(()))?)
    }
}

/// The physician's inquiries whose consultation has not ended.
fn open_inquiries(of: AccountUuid) -> InquiryFilter {
    let statuses = StatusSet::of(&[InquiryStatus::Assigned, InquiryStatus::Accepted]);
    InquiryFilter::in_statuses(InquiryParty::Physician(of), statuses)
}

/// The physician's drug orders that are not received.
fn open_drug_orders(of: AccountUuid) -> DrugOrderFilter {
    let statuses = StatusSet::matching(|status: DrugOrderStatus| !status.is_received());
    DrugOrderFilter { party: DrugOrderParty::Physician(of), statuses }
}

/// One hand-over while it is under way.
struct Way<'a> {
    context: &'a Context,
    actor: &'a Actor,
    from: AccountUuid,
    to: AccountUuid,
    reason: Reason,
}

impl Way<'_> {
    async fn inquiries(&self) -> Result<u64, Error> {
        let filter = open_inquiries(self.from);
        let (mut moved, mut before) = (0, None);
        loop {
            let batch = self.context.ports.inquiries.batch(&filter, before, BATCH_SIZE).await?;
            let ids: Vec<InquiryId> = batch.iter().map(|details| details.inquiry.id).collect();
            let Some(last) = ids.last() else { return Ok(moved) };
            before = Some(*last);
            moved += count(ids, |id| self.inquiry(id)).await?;
        }
    }

    /// Hands an inquiry over, unless it is not the physician's any more or the consultation has ended
    /// meanwhile; says whether it did.
    async fn inquiry(&self, id: InquiryId) -> Result<bool, Error> {
        let inquiries = &self.context.ports.inquiries;
        decide_and_save(|| async {
            let found = inquiries.find(id).await?.map(|details| details.inquiry);
            let Some(inquiry) = found.filter(|inquiry| inquiry.physician() == Some(self.from)) else {
                return Ok(Ok(false));
            };
            let (provenance, deadlines) =
                (self.context.provenance(self.actor), &self.context.policy.deadlines);
            match inquiry.hand_over(self.to, self.reason.clone(), provenance, deadlines) {
                Ok(transition) => self.unless_stale(inquiries.save(&transition).await?).await,
                Err(_) => Ok(Ok(false)),
            }
        })
        .await
    }

    async fn drug_orders(&self) -> Result<u64, Error> {
        let filter = open_drug_orders(self.from);
        let (mut moved, mut before) = (0, None);
        loop {
            let batch = self.context.ports.drug_orders.batch(&filter, before, BATCH_SIZE).await?;
            let ids: Vec<DrugOrderId> = batch.iter().map(|details| details.order.id).collect();
            let Some(last) = ids.last() else { return Ok(moved) };
            before = Some(*last);
            moved += count(ids, |id| self.drug_order(id)).await?;
        }
    }

    /// As [`Self::inquiry`], for a drug order that has not been received.
    async fn drug_order(&self, id: DrugOrderId) -> Result<bool, Error> {
        let drug_orders = &self.context.ports.drug_orders;
        decide_and_save(|| async {
            let found = drug_orders.find(id).await?.map(|details| details.order);
            let Some(order) = found.filter(|order| order.physician == self.from) else {
                return Ok(Ok(false));
            };
            let provenance = self.context.provenance(self.actor).because(self.reason.clone());
            match order.hand_over(self.to, provenance) {
                Ok(transition) => self.unless_stale(drug_orders.save(&transition).await?).await,
                Err(_) => Ok(Ok(false)),
            }
        })
        .await
    }

    /// Whether to decide again: not if nothing can be saved because the other physician was disabled meanwhile.
    async fn unless_stale(&self, saved: Result<(), Stale>) -> Result<Result<bool, Stale>, Error> {
        if saved.is_err() {
            let account = self.context.ports.accounts.find(self.to).await?;
            if !account.is_some_and(|account| account.is_active_physician()) {
                return Err(Invalid::one("to", FieldProblem::UnknownPhysician).into());
            }
        }
        Ok(saved.map(|()| true))
    }
}

/// Moves each of these records, a few at a time; gives how many were moved.
async fn count<I, F>(ids: Vec<I>, hand_over: impl Fn(I) -> F) -> Result<u64, Error>
where
    F: Future<Output = Result<bool, Error>>,
{
    let moved = stream::iter(ids.into_iter().map(hand_over)).buffer_unordered(AT_ONCE);
    moved.try_fold(0, |sum, is_moved| std::future::ready(Ok(sum + u64::from(is_moved)))).await
}
