use std::cell::OnceCell;
use std::rc::Rc;

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditEvent, Entity};
use yilin_domain::port::PortError;

use super::AuditTrail;

/// What an answer tells, as far as the audit log is concerned.
#[derive(Default)]
pub(crate) struct Disclosure {
    /// The record that the answer shows, where it shows one.
    pub(crate) entity: Option<Entity>,
    /// Whose data it shows.
    pub(crate) patients: Vec<AccountUuid>,
    /// How many records it shows, where it is a list.
    pub(crate) results: Option<u32>,
    /// Where a list that is still being read says whose data it shows.
    pub(crate) stream: Option<StreamRecorder>,
}

impl Disclosure {
    /// Nobody's data.
    pub(crate) fn nothing() -> Self {
        Self::default()
    }

    /// One record, and whose it is.
    pub(crate) fn of(kind: &str, id: &dyn std::fmt::Display, patient: Option<AccountUuid>) -> Self {
        Self {
            entity: Some(Entity { kind: kind.to_owned(), id: id.to_string() }),
            patients: patient.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Several records.
    pub(crate) fn of_all<'p, P: Discloses + 'p>(parts: impl ExactSizeIterator<Item = &'p P>) -> Self {
        let results = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        Self { patients: distinct(parts), results: Some(results), ..Self::default() }
    }
}

/// Whose data these show, each once.
pub(crate) fn distinct<'p, P: Discloses + 'p>(parts: impl Iterator<Item = &'p P>) -> Vec<AccountUuid> {
    let mut patients: Vec<_> = parts.flat_map(|part| part.disclosure().patients).collect();
    patients.sort_unstable();
    patients.dedup();
    patients
}

/// Says whose data a payload shows. Every payload must.
pub(crate) trait Discloses {
    /// What it tells.
    fn disclosure(&self) -> Disclosure;
}

/// Records whose data a complete list shows, while it is read. Filled in when the request's own
/// entry has been recorded.
#[derive(Clone, Default)]
pub(crate) struct StreamRecorder(Rc<OnceCell<(AuditTrail, AuditEvent)>>);

impl StreamRecorder {
    /// From now on what is shown is recorded as part of this request.
    pub(super) fn begin(&self, trail: AuditTrail, event: AuditEvent) {
        // There is one answer to a request, so it is set once.
        let _ = self.0.set((trail, event));
    }

    /// These people's data are about to be sent.
    pub(crate) async fn shown(&self, patients: Vec<AccountUuid>) -> Result<(), PortError> {
        match self.0.get() {
            Some((trail, event)) if !patients.is_empty() => trail.disclosed(event.clone(), patients).await,
            _ => Ok(()),
        }
    }
}
