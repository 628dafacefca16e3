//! Who asks for what: the random choices of one client, which are the same for a request and for raw statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::dice::Dice;
use super::names;
use super::scene::{Known, Pending, Person, Scene};
use crate::Outcome;

/// Records of a page.
pub(crate) const SIZE: u64 = 10;

/// One client.
pub(crate) struct Caller {
    pub(crate) scene: Arc<Scene>,
    pub(crate) dice: Dice,
    client: usize,
    clients: usize,
    round: usize,
}

impl Caller {
    /// One of so many clients. No two of a run choose the same.
    pub(crate) fn new(scene: Arc<Scene>, client: usize, clients: usize) -> Self {
        Self { scene, dice: Dice::new(serial()), client, clients, round: 0 }
    }

    /// A visit, and a party of it: the patient or, every second time, the physician or the admin.
    pub(crate) fn visit(&self) -> Outcome<(&Known, &Person)> {
        let scene = &*self.scene;
        let visit = self.dice.one_of(&scene.visits).ok_or("no visits")?;
        let party = match visit.physician {
            _ if self.dice.below(2) == 0 => scene.patients.get(visit.patient),
            Some(physician) => scene.physicians.get(physician),
            None => Some(&scene.admin),
        };
        Ok((visit, party.ok_or("no such person")?))
    }

    /// The next visit that waits for its physician, of those that only this client changes.
    pub(crate) fn pending(&mut self) -> Outcome<&Pending> {
        let scene = &*self.scene;
        let own = scene.pending.len().saturating_sub(self.client).div_ceil(self.clients.max(1));
        let place = self.client + self.clients * (self.round % own.max(1));
        self.round += 1;
        Ok(scene.pending.get(place).ok_or("too few visits wait for their physician")?)
    }

    /// The first record of a middle page.
    pub(crate) fn middle(&self) -> u64 {
        (self.scene.plan.visits / SIZE / 2).saturating_sub(self.dice.below(5)) * SIZE
    }

    /// The first record of the last page.
    pub(crate) fn last(&self) -> u64 {
        self.scene.plan.visits.saturating_sub(1) / SIZE * SIZE
    }

    /// A patient's full name.
    pub(crate) fn full_name(&self) -> Outcome<&str> {
        Ok(&self.dice.one_of(&self.scene.patients).ok_or("no patients")?.name)
    }

    /// The surname of a random person.
    pub(crate) fn surname(&self) -> &'static str {
        names::surname(&self.dice)
    }
}

/// A number that was not given out before.
pub(crate) fn serial() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
