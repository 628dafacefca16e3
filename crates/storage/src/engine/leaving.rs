//! Units of work that make a change for a caller and insert its audit entry in the same transaction.

use std::time::Duration;

use yilin_domain::audit::EntryDraft;
use yilin_domain::port::PortError;
use yilin_domain::transition::Stale;

use super::{Connect, Engine, ErasedValue, ErasedWork, Limits, UnitKind, Work, erased, restored};
use crate::error::failed;

/// Runs units of work that insert an entry (`outbox::leave`), and marks its draft as committed.
pub(crate) struct Leaving<'e, C: Connect> {
    engine: &'e Engine<C>,
    entry: Option<EntryDraft>,
}

impl<'e, C: Connect> Leaving<'e, C> {
    pub(super) fn new(engine: &'e Engine<C>, entry: Option<EntryDraft>) -> Self {
        Self { engine, entry }
    }

    /// As [`Engine::write`].
    pub(crate) async fn write<A, T>(self, args: A, work: Work<C::Conn, A, T>) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let limits = self.engine.limits;
        let work = erased(args, work);
        restored(self.run(limits, work).await?.map_err(failed)?)
    }

    /// As [`Engine::save`].
    pub(crate) async fn save<A, T>(
        self,
        args: A,
        work: Work<C::Conn, A, T>,
    ) -> Result<Result<T, Stale>, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let limits = self.engine.limits;
        let work = erased(args, work);
        match self.run(limits, work).await? {
            Ok(value) => restored(value).map(Ok),
            Err(stale) => Ok(Err(stale)),
        }
    }

    /// As [`Engine::write_lasting`].
    pub(crate) async fn write_lasting<A, T>(
        self,
        timeout: Duration,
        args: A,
        work: Work<C::Conn, A, T>,
    ) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let limits = self.engine.lasting(timeout);
        let work = erased(args, work);
        restored(self.run(limits, work).await?.map_err(failed)?)
    }

    async fn run(
        self,
        limits: Limits,
        work: Box<dyn ErasedWork<C::Conn>>,
    ) -> Result<Result<ErasedValue, Stale>, PortError> {
        self.engine.run(UnitKind::Transaction, limits, self.entry, work).await
    }
}
