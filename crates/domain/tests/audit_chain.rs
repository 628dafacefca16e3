//! Audit chains: any tampering is detected.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use chrono::DateTime;
use proptest::prelude::*;
use yilin_domain::account::{AccountUuid, Role};
use yilin_domain::audit::{
    AuditAction, AuditAgent, AuditEntry, AuditEvent, AuditHash, ChainEnd, ChainHead, ChainId, ChainOpening,
    ChainVerifier, Entity, FaultKind, Tail,
};

fn opening() -> ChainOpening {
    ChainOpening {
        id: ChainId::from_bytes([7; 16]),
        instance: "ward-1".to_owned(),
        opened_at: DateTime::from_timestamp_micros(1_795_000_000_000_001).unwrap(),
    }
}

prop_compose! {
    fn events()(
        micros in 0..2_000_000_000_000_000_i64,
        agent in proptest::option::of(any::<[u8; 4]>()),
        session in proptest::option::of("[0-9a-f]{0,16}"),
        (source, request, operation) in ("[0-9.:]{0,9}", "[0-9a-f]{0,9}", "[a-z]{0,9}"),
        action in 0..5_usize,
        entity in proptest::option::of(("[a-z]{0,5}", "[0-9]{0,3}")),
        patient in proptest::option::of(any::<[u8; 4]>()),
        outcome in 100..600_u16,
        (query, results) in (".{0,9}", proptest::option::of(any::<u32>())),
    ) -> AuditEvent {
        AuditEvent {
            recorded: DateTime::from_timestamp_micros(micros).unwrap(),
            agent: agent.map(|uuid| AuditAgent { uuid: AccountUuid::from_bytes(uuid), role: Role::Physician }),
            session, source, request, operation,
            action: AuditAction::ALL[action],
            entity: entity.map(|(kind, id)| Entity { kind, id }),
            patient: patient.map(AccountUuid::from_bytes),
            outcome, query, results,
        }
    }
}

fn chain(events: Vec<AuditEvent>) -> Vec<AuditEntry> {
    let mut tail = Tail::new(&opening());
    events.into_iter().map(|event| tail.link(event)).collect()
}

fn verify(entries: &[AuditEntry], kept: &[ChainHead]) -> Result<Option<ChainHead>, FaultKind> {
    let mut verifier = ChainVerifier::new(&opening(), kept);
    for entry in entries {
        verifier.check(entry).map_err(|fault| fault.kind)?;
    }
    verifier.finish().map(ChainEnd::head).map_err(|fault| fault.kind)
}

/// Changes one field, selected by `which`.
fn change(event: &mut AuditEvent, which: usize) {
    match which {
        0 => event.recorded += chrono::TimeDelta::microseconds(1),
        1 => {
            event.agent = match event.agent {
                None => Some(AuditAgent { uuid: AccountUuid::from_bytes([0; 4]), role: Role::Admin }),
                Some(_) => None,
            }
        }
        2 => event.session = event.session.take().xor(Some(String::new())),
        3 => event.source.push('1'),
        4 => event.request.push('1'),
        5 => event.operation.push('x'),
        6 => {
            let at = AuditAction::ALL.iter().position(|action| *action == event.action).unwrap();
            event.action = AuditAction::ALL[(at + 1) % AuditAction::ALL.len()];
        }
        7 => {
            event.entity = match event.entity.take() {
                None => Some(Entity { kind: String::new(), id: String::new() }),
                // Moves a character to the next field: the concatenation stays the same.
                Some(Entity { kind, id }) => Some(Entity { kind: format!("{kind}1"), id }),
            }
        }
        8 => event.patient = event.patient.xor(Some(AccountUuid::from_bytes([9; 4]))),
        9 => event.outcome += 1,
        10 => event.query.push('x'),
        _ => event.results = event.results.xor(Some(0)),
    }
}

proptest! {
    #[test]
    fn an_intact_chain_is_valid(events in proptest::collection::vec(events(), 0..12)) {
        let entries = chain(events);
        let head = entries.last().map(|last| ChainHead { chain: opening().id, sequence: last.sequence, hash: last.hash });
        prop_assert_eq!(verify(&entries, &[]), Ok(head));
        prop_assert_eq!(verify(&entries, head.as_slice()), Ok(head));
        if let Some(head) = head {
            prop_assert_eq!(ChainHead::parse(&head.to_string()), Some(head));
        }
    }

    #[test]
    fn a_changed_field_is_detected(
        events in proptest::collection::vec(events(), 1..8), at in any::<proptest::sample::Index>(), which in 0..12_usize,
    ) {
        let mut entries = chain(events);
        let entry = at.get_mut(&mut entries);
        change(&mut entry.event, which);
        prop_assert_eq!(verify(&entries, &[]), Err(FaultKind::Changed));
    }

    #[test]
    fn a_changed_entry_with_a_new_hash_is_detected_at_the_next(
        events in proptest::collection::vec(events(), 2..8), at in any::<proptest::sample::Index>(), which in 0..12_usize,
    ) {
        let mut entries = chain(events);
        let at = at.index(entries.len() - 1);
        let mut forged = entries[at].event.clone();
        change(&mut forged, which);
        let mut tail = Tail::new(&opening());
        for entry in &entries[..at] {
            tail.link(entry.event.clone());
        }
        entries[at] = tail.link(forged);
        prop_assert_eq!(verify(&entries, &[]), Err(FaultKind::Unlinked));
    }

    #[test]
    fn a_removed_entry_is_detected(events in proptest::collection::vec(events(), 2..8), at in any::<proptest::sample::Index>()) {
        let mut entries = chain(events);
        let at = at.index(entries.len() - 1);
        entries.remove(at);
        let found = at as u64 + 1;
        prop_assert_eq!(verify(&entries, &[]), Err(FaultKind::Missing { found }));
        // Also if the following entries are renumbered.
        for (sequence, entry) in entries.iter_mut().enumerate() {
            entry.sequence = sequence as u64;
        }
        prop_assert!(verify(&entries, &[]).is_err());
    }

    #[test]
    fn swapped_and_duplicated_entries_are_detected(
        events in proptest::collection::vec(events(), 2..8),
        (one, other) in (any::<proptest::sample::Index>(), any::<proptest::sample::Index>()),
    ) {
        let whole = chain(events);
        let (one, other) = (one.index(whole.len()), other.index(whole.len()));
        let mut doubled = whole.clone();
        doubled.insert(other, whole[one].clone());
        prop_assert!(verify(&doubled, &[]).is_err());
        prop_assume!(one != other);
        let mut entries = whole;
        entries.swap(one, other);
        prop_assert!(verify(&entries, &[]).is_err());
        let (a, b) = (entries[one].sequence, entries[other].sequence);
        (entries[one].sequence, entries[other].sequence) = (b, a);
        prop_assert!(verify(&entries, &[]).is_err());
    }

    #[test]
    fn truncated_and_rewritten_chains_are_detected_with_a_recorded_head(
        events in proptest::collection::vec(events(), 1..8), cut in any::<proptest::sample::Index>(), which in 0..12_usize,
    ) {
        let entries = chain(events);
        let last = entries.last().unwrap();
        let kept = [ChainHead { chain: opening().id, sequence: last.sequence, hash: last.hash }];
        let left = &entries[..cut.index(entries.len())];
        prop_assert!(verify(left, &[]).is_ok(), "undetectable without the head");
        prop_assert_eq!(verify(left, &kept), Err(FaultKind::CutOff));

        let mut forged: Vec<_> = entries.iter().map(|entry| entry.event.clone()).collect();
        change(&mut forged[0], which);
        prop_assert_eq!(verify(&chain(forged), &kept), Err(FaultKind::NotTheKeptHead));
    }
}

#[test]
fn the_opening_is_part_of_the_chain() {
    let mut other = opening();
    other.instance = "ward-2".to_owned();
    assert_ne!(opening().hash(), other.hash());
    assert!(AuditHash::parse(&opening().hash().to_string()).is_some_and(|hash| hash == opening().hash()));
    for text in ["", "1:2:3", "x", &"0".repeat(32)] {
        assert_eq!(ChainHead::parse(text), None, "{text}");
    }
}
