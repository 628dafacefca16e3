//! What requests are about: the people who make them, and the visits that they may see.

use std::sync::atomic::{AtomicUsize, Ordering};

use yilin_domain::account::{Account, AccountUuid, Role};
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::session::Session;
use yilin_web::auth::Tokens;

use super::people::People;
use super::plan::Plan;
use crate::Outcome;

/// Patients who make requests; of more, some of them.
const PATIENTS: usize = 20_000;

/// A person with a session.
pub(crate) struct Person {
    pub(crate) uuid: AccountUuid,
    pub(crate) name: String,
    pub(crate) token: String,
}

/// A visit, and whose it is: places among patients and physicians.
pub(crate) struct Known {
    pub(crate) id: i64,
    pub(crate) patient: usize,
    pub(crate) physician: Option<usize>,
}

/// A visit that waits for its physician, and the place of the one who was appointed last.
pub(crate) struct Pending {
    pub(crate) id: i64,
    physician: AtomicUsize,
}

/// A hospital, as those who load it know it.
pub(crate) struct Scene {
    pub(crate) plan: Plan,
    pub(crate) admin: Person,
    pub(crate) patients: Vec<Person>,
    pub(crate) physicians: Vec<Person>,
    /// The visits of these patients.
    pub(crate) visits: Vec<Known>,
    pub(crate) pending: Vec<Pending>,
}

impl Scene {
    /// The people of the plan with tokens, and their visits.
    pub(crate) fn new(
        plan: Plan,
        people: &People,
        sessions: &[Session],
        tokens: &Tokens,
        admin: Person,
    ) -> Outcome<Self> {
        let (of_patients, of_physicians) =
            sessions.split_at_checked(people.patients.len()).ok_or("too few sessions")?;
        let known = people.patients.get(..people.patients.len().min(PATIENTS)).unwrap_or_default();
        let mut scene = Self {
            plan,
            admin,
            patients: with_tokens(known, of_patients, Role::Patient, tokens)?,
            physicians: with_tokens(&people.physicians, of_physicians, Role::Physician, tokens)?,
            visits: Vec::new(),
            pending: Vec::new(),
        };
        for visit in plan.all() {
            let (id, patient) = (i64::try_from(visit.id)?, usize::try_from(visit.patient)?);
            let physician = usize::try_from(visit.physician)?;
            if matches!(visit.status(), InquiryStatus::Submitted | InquiryStatus::Assigned) {
                scene.pending.push(Pending { id, physician: AtomicUsize::new(physician) });
            }
            if patient < scene.patients.len() {
                let physician = visit.has_physician().then_some(physician);
                scene.visits.push(Known { id, patient, physician });
            }
        }
        Ok(scene)
    }

    /// The next physician to appoint for a visit, another one than before.
    pub(crate) fn next_physician(&self, pending: &Pending) -> Outcome<AccountUuid> {
        let number = self.physicians.len();
        let next = (pending.physician.load(Ordering::Relaxed) + 1) % number.max(1);
        pending.physician.store(next, Ordering::Relaxed);
        Ok(self.physicians.get(next).ok_or("no physicians")?.uuid)
    }
}

fn with_tokens(
    accounts: &[Account],
    sessions: &[Session],
    role: Role,
    tokens: &Tokens,
) -> Outcome<Vec<Person>> {
    let person = |(account, session): (&Account, &Session)| {
        let token = tokens.for_header(session, role)?;
        Ok(Person { uuid: account.uuid, name: account.username.as_str().to_owned(), token })
    };
    accounts.iter().zip(sessions).map(person).collect()
}
