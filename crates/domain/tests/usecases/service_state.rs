//! The state of the service.

use chrono::TimeDelta;
use yilin_domain::account::Role;
use yilin_domain::audit::{ChainId, UNLINKED_FOR};
use yilin_domain::error::Error;
use yilin_domain::event::EventId;
use yilin_domain::usecase::{ModelTrouble, ServiceState, ServiceWarning};
use yilin_testkit::fakes::{Mood, Receiving};
use yilin_testkit::{Hospital, sample};

use crate::support::{Case, assert_refused};

impl Case {
    async fn state(&self) -> ServiceState {
        self.hospital.use_cases.service.state(&self.admin.actor).await.unwrap()
    }
}

#[tokio::test]
async fn only_the_admin_sees_the_state_of_the_service() {
    let case = Case::new().await;
    let use_cases = &case.hospital.use_cases;
    assert_eq!(case.open_to(async |actor| use_cases.service.state(&actor).await).await, [Role::Admin]);
    let given_up = async |actor| use_cases.webhooks.given_up(&actor, EventId::START, 10).await;
    assert_eq!(case.open_to(given_up).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| use_cases.webhooks.retry(&actor, None).await).await, [Role::Admin]);
}

#[tokio::test]
async fn a_quiet_service_has_no_warnings() {
    let case = Case::new().await;
    let state = case.state().await;
    assert_eq!(state.warnings, []);
    let model = state.model.unwrap();
    assert_eq!((model.calls, model.callers, model.running, model.last_failure), (0, 0, 0, None));
    assert_eq!(state.database.product, "memory");
    assert_eq!((state.clock_offset, state.audit_unlinked), (TimeDelta::zero(), 0));
    assert_eq!(state.webhooks.unwrap().given_up, 0);
}

#[tokio::test]
async fn calls_to_the_model_and_their_failures_are_shown() {
    let case = Case::new().await;
    let summaries = &case.hospital.use_cases.summaries;
    case.registered().await;
    summaries.medical(&case.patient.actor).await.unwrap();
    let model = case.state().await.model.unwrap();
    assert_eq!((model.calls, model.callers, model.last_failure), (1, 1, None));
    let busiest = model.busiest.first().unwrap();
    assert_eq!((busiest.uuid, busiest.calls), (case.patient.actor.uuid, 1));
    assert_eq!(busiest.account.as_ref().unwrap().username.as_str(), "王秀英");

    case.hospital.fakes.model.set_mood(Mood::Down);
    case.hospital.fakes.clock.advance(TimeDelta::seconds(5));
    case.registered().await;
    summaries.medical(&case.patient.actor).await.unwrap();
    let model = case.state().await.model.unwrap();
    let failure = model.last_failure.unwrap();
    assert_eq!((failure.trouble, failure.at), (ModelTrouble::Unavailable, case.hospital.ports.clock.now()));
    assert_eq!((model.calls, model.running), (2, 0));
}

#[tokio::test]
async fn differing_clocks_are_a_warning() {
    let case = Case::new().await;
    case.hospital.fakes.clock.differ_by(TimeDelta::seconds(-5));
    assert_eq!(case.state().await.warnings, []);
    case.hospital.fakes.clock.differ_by(TimeDelta::seconds(-6));
    let state = case.state().await;
    assert_eq!(
        (state.warnings, state.clock_offset),
        (vec![ServiceWarning::ClockOffset], TimeDelta::seconds(-6))
    );
}

#[tokio::test]
async fn a_full_disk_is_a_warning() {
    let case = Case::of(Hospital::with(|_, policy| policy.upload_limits.reserve = u64::MAX)).await;
    assert_eq!(case.state().await.warnings, [ServiceWarning::DiskFull]);
}

#[tokio::test]
async fn unlinked_audit_entries_are_a_warning() {
    let case = Case::new().await;
    let chain = ChainId::from_bytes([7; 16]);
    case.hospital.ports.audit.leave(chain, &sample::audit_event()).await.unwrap();
    assert_eq!(case.state().await.warnings, []);
    case.hospital.fakes.clock.advance(UNLINKED_FOR + TimeDelta::seconds(1));
    let state = case.state().await;
    assert_eq!((state.warnings, state.audit_unlinked), (vec![ServiceWarning::AuditUnlinked], 1));
}

#[tokio::test]
async fn events_that_were_given_up_are_sent_again() {
    let case = Case::new().await;
    let (use_cases, admin) = (&case.hospital.use_cases, &case.admin.actor);
    use_cases.webhooks.prepare().await.unwrap();
    case.submitted().await;
    use_cases.events.advance().await.unwrap();
    case.hospital.fakes.webhook_receiver.set(Receiving::Refusing);
    use_cases.webhooks.send_due().await.unwrap();
    case.hospital.fakes.clock.advance(TimeDelta::days(4));
    use_cases.webhooks.send_due().await.unwrap();
    let state = case.state().await;
    assert_eq!(state.warnings, [ServiceWarning::WebhooksGivenUp]);
    let given_up = use_cases.webhooks.given_up(admin, EventId::START, 10).await.unwrap();
    assert_eq!(given_up.len(), 1);
    assert_refused!(use_cases.webhooks.retry(admin, Some(EventId(99))).await, Error::NotFound);
    assert_eq!(use_cases.webhooks.retry(admin, Some(given_up[0].event.id)).await.unwrap(), 1);
    assert_eq!(case.state().await.warnings, []);
    assert_eq!(use_cases.webhooks.retry(admin, None).await.unwrap(), 0, "nothing is left");
}
