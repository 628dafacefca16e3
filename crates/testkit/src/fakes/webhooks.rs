//! A webhook receiver controlled by tests.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use yilin_domain::event::{Event, SubjectKind};
use yilin_domain::port::WebhookReceiver;
use yilin_domain::time::Timestamp;
use yilin_domain::webhook::{DeliveryFailure, FailureText};

/// How the receiver responds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiving {
    /// Success.
    Well,
    /// It is unreachable.
    Down,
    /// It responds with an error.
    Refusing,
}

/// A receiver that records what it gets.
#[derive(Debug, Default)]
pub struct FakeWebhookReceiver {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    usually: Option<Receiving>,
    of_record: HashMap<(SubjectKind, i64), Receiving>,
    attempts: Vec<Event>,
    received: Vec<Event>,
}

impl FakeWebhookReceiver {
    /// A receiver that responds with success.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets its response.
    pub fn set(&self, receiving: Receiving) {
        self.lock().usually = Some(receiving);
    }

    /// Sets its response to events of this record.
    pub fn set_for(&self, record: (SubjectKind, i64), receiving: Receiving) {
        self.lock().of_record.insert(record, receiving);
    }

    /// All events sent to it, in order, whatever it responded.
    pub fn attempts(&self) -> Vec<Event> {
        self.lock().attempts.clone()
    }

    /// The events it acknowledged, in order.
    pub fn received(&self) -> Vec<Event> {
        self.lock().received.clone()
    }
}

#[async_trait]
impl WebhookReceiver for FakeWebhookReceiver {
    async fn deliver(&self, event: &Event, _: Timestamp) -> Result<(), DeliveryFailure> {
        let mut state = self.lock();
        state.attempts.push(*event);
        let subject = event.content.subject;
        let of_record = state.of_record.get(&(subject.kind(), subject.id())).copied();
        match of_record.or(state.usually).unwrap_or(Receiving::Well) {
            Receiving::Well => {
                state.received.push(*event);
                Ok(())
            }
            Receiving::Down => {
                Err(DeliveryFailure { is_down: true, reason: FailureText::clipped("not reachable") })
            }
            Receiving::Refusing => {
                Err(DeliveryFailure { is_down: false, reason: FailureText::clipped("status 500") })
            }
        }
    }
}
