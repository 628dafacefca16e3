//! What a response discloses, for the audit log.

use std::cell::OnceCell;
use std::rc::Rc;

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditEvent, Entity};
use yilin_domain::port::PortError;

use super::AuditTrail;

/// What a response discloses.
#[derive(Default)]
pub struct Disclosure {
    /// The record shown, if there is one.
    pub entity: Option<Entity>,
    /// The patients whose data it shows.
    pub patients: Vec<AccountUuid>,
    /// Number of records shown, for a list.
    pub results: Option<u32>,
    /// Recorder for a list that is still being read.
    pub stream: Option<StreamRecorder>,
}

impl Disclosure {
    /// No personal data.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// One record and its patient.
    pub fn of(kind: &str, id: &dyn std::fmt::Display, patient: Option<AccountUuid>) -> Self {
        Self {
            entity: Some(Entity { kind: kind.to_owned(), id: id.to_string() }),
            patients: patient.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Several records of these patients.
    pub fn of_patients(patients: impl Iterator<Item = AccountUuid>) -> Self {
        let mut patients: Vec<_> = patients.collect();
        let results = u32::try_from(patients.len()).unwrap_or(u32::MAX);
        patients.sort_unstable();
        patients.dedup();
        Self { patients, results: Some(results), ..Self::default() }
    }

    /// Several records.
    pub fn of_all<'p, P: Discloses + 'p>(parts: impl ExactSizeIterator<Item = &'p P>) -> Self {
        let results = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        Self { patients: distinct(parts), results: Some(results), ..Self::default() }
    }
}

/// The patients of these payloads, each once.
pub fn distinct<'p, P: Discloses + 'p>(parts: impl Iterator<Item = &'p P>) -> Vec<AccountUuid> {
    let mut patients: Vec<_> = parts.flat_map(|part| part.disclosure().patients).collect();
    patients.sort_unstable();
    patients.dedup();
    patients
}

/// Reports whose data a payload discloses. Required for every payload.
pub trait Discloses {
    /// What it discloses.
    fn disclosure(&self) -> Disclosure;
}

/// Records the patients shown by a complete list while it is read. Set once the request's own entry has been
/// recorded.
#[derive(Clone, Default)]
pub struct StreamRecorder(Rc<OnceCell<(AuditTrail, AuditEvent)>>);

impl StreamRecorder {
    /// Records disclosures as part of this request from now on.
    pub(super) fn begin(&self, trail: AuditTrail, event: AuditEvent) {
        // A request has one response, so it is set once.
        let _ = self.0.set((trail, event));
    }

    /// Call this before the data of these patients is sent.
    pub async fn shown(&self, patients: Vec<AccountUuid>) -> Result<(), PortError> {
        match self.0.get() {
            Some((trail, event)) if !patients.is_empty() => trail.disclosed(event.clone(), patients).await,
            _ => Ok(()),
        }
    }
}
