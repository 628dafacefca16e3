//! Conversations, in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::chat::{NewTurn, Summary, Turn, TurnId};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{CallsOfDay, ConversationRepository, PortError};

use super::state::State;
use super::{InMemory, list};

#[async_trait]
impl ConversationRepository for InMemory {
    async fn append(
        &self,
        account: AccountUuid,
        turns: &[NewTurn],
        entry: Option<EntryDraft>,
    ) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        for said in turns {
            let id = TurnId(state.next_id());
            state.turns.insert(id, (account, Turn { id, said: said.clone() }));
        }
        if !turns.is_empty() {
            state.leave(entry.as_ref(), Changed::of(account));
        }
        Ok(())
    }

    async fn page(&self, account: AccountUuid, page: PageRequest) -> Result<Page<Turn>, PortError> {
        Ok(list::page(self.begin().await?.turns_of(account, None), page))
    }

    async fn batch(
        &self,
        account: AccountUuid,
        before: Option<TurnId>,
        limit: u16,
    ) -> Result<Vec<Turn>, PortError> {
        Ok(self.begin().await?.turns_of(account, before).take(limit.into()).collect())
    }

    async fn clear(&self, account: AccountUuid, entry: Option<EntryDraft>) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let summary = state.summaries.remove(&account);
        let (gone, kept): (BTreeMap<_, _>, _) =
            std::mem::take(&mut state.turns).into_iter().partition(|(_, (of, _))| *of == account);
        state.turns = kept;
        if summary.is_some() || !gone.is_empty() {
            state.leave(entry.as_ref(), Changed::of(account));
        }
        Ok(gone.len() as u64)
    }

    async fn summary(&self, account: AccountUuid) -> Result<Option<Summary>, PortError> {
        Ok(self.begin().await?.summaries.get(&account).cloned())
    }

    async fn save_summary(&self, account: AccountUuid, summary: &Summary) -> Result<(), PortError> {
        self.begin().await?.summaries.insert(account, summary.clone());
        Ok(())
    }

    async fn count_call(&self, account: AccountUuid, day: NaiveDate, limit: u32) -> Result<bool, PortError> {
        let mut state = self.begin().await?;
        let calls = state.model_calls.entry((account, day)).or_default();
        let admitted = *calls < limit;
        *calls += u32::from(admitted);
        Ok(admitted)
    }

    async fn calls_on(&self, day: NaiveDate, limit: u16) -> Result<CallsOfDay, PortError> {
        let state = self.begin().await?;
        let of_day = state.model_calls.iter().filter(|((_, on), _)| *on == day);
        let mut busiest: Vec<(AccountUuid, u32)> =
            of_day.map(|((account, _), calls)| (*account, *calls)).collect();
        busiest.sort_by_key(|(account, calls)| (Reverse(*calls), *account));
        let calls = busiest.iter().map(|(_, calls)| u64::from(*calls)).sum();
        let accounts = u64::try_from(busiest.len()).unwrap_or(u64::MAX);
        busiest.truncate(limit.into());
        Ok(CallsOfDay { calls, accounts, busiest })
    }

    async fn forget_calls(&self, before: NaiveDate) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let all = state.model_calls.len();
        state.model_calls.retain(|(_, day), _| *day >= before);
        Ok((all - state.model_calls.len()) as u64)
    }
}

impl State {
    fn turns_of(&self, account: AccountUuid, before: Option<TurnId>) -> impl Iterator<Item = Turn> {
        let newest = list::newest_first(&self.turns, before);
        newest.filter(move |(of, _)| *of == account).map(|(_, turn)| turn.clone())
    }
}
