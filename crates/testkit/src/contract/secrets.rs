//! Contract of [`SecretRepository`](yilin_domain::port::SecretRepository).

use std::collections::HashSet;

use super::Subject;
use super::race::race;

/// The first candidate remains the secret, whatever is passed later.
pub async fn the_first_candidate_becomes_the_secret(subject: &Subject) {
    let every_byte: Vec<u8> = (0..=255).collect();
    for candidate in [every_byte.clone(), b"later".to_vec()] {
        let secret = subject.secrets.get_or_insert("jwt", candidate).await.unwrap();
        assert_eq!(secret, every_byte);
    }
}

/// Secrets with different names are independent.
pub async fn each_name_has_a_secret_of_its_own(subject: &Subject) {
    for name in ["jwt", "JWT", "files"] {
        let secret = subject.secrets.get_or_insert(name, name.into()).await.unwrap();
        assert_eq!(secret, name.as_bytes());
    }
}

/// Of several concurrent candidates one wins, and all callers get it.
pub async fn of_racing_candidates_all_get_the_winner(subject: &Subject) {
    let secrets = race(16, |racer| {
        let secrets = subject.secrets.clone();
        async move { secrets.get_or_insert("jwt", format!("candidate {racer}").into_bytes()).await.unwrap() }
    })
    .await;
    let distinct: HashSet<_> = secrets.iter().collect();
    assert_eq!(distinct.len(), 1, "{secrets:?}");
    let stored = subject.secrets.get_or_insert("jwt", b"too late".to_vec()).await.unwrap();
    assert_eq!(stored, secrets[0]);
}
