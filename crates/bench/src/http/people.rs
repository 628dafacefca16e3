//! The people of the hospital, and what they are known by.

use chrono::{NaiveDate, TimeDelta};
use yilin_domain::account::{
    Account, BirthDate, HomeAddress, Hospital, KnownAge, NewAccount, PasswordHash, PersonName, PhoneNumber,
    Role, Sex,
};
use yilin_domain::session::{Session, SessionId};
use yilin_domain::time::Timestamp;
use yilin_domain::validation::FieldProblem;
use yilin_storage::Storage;

use super::dice::Dice;
use super::names;
use super::plan::Plan;
use crate::Outcome;

/// Accounts stored at a time.
const AT_ONCE: usize = 1000;

/// Those who can have visits.
pub(crate) struct People {
    pub(crate) patients: Vec<Account>,
    pub(crate) physicians: Vec<Account>,
}

impl People {
    /// Stores the people of a plan, through the port.
    pub(crate) async fn store(storage: &Storage, plan: Plan) -> Outcome<Self> {
        Ok(Self {
            patients: store(storage, plan, Role::Patient, plan.patients()).await?,
            physicians: store(storage, plan, Role::Physician, plan.physicians()).await?,
        })
    }

    /// Sessions of all of them that are under way, in the same order: patients first. Log-ins are rare, hash passwords
    /// and are limited, so they are no part of the load.
    pub(crate) fn sessions(&self, now: Timestamp) -> impl Iterator<Item = Session> {
        let dice = Dice::new(u64::MAX);
        self.patients.iter().chain(&self.physicians).map(move |account| {
            let id = (u128::from(dice.below(u64::MAX)) << 64) | u128::from(dice.below(u64::MAX));
            Session {
                id: SessionId::from_bytes(id.to_be_bytes()),
                account: account.uuid,
                started_at: now,
                expires_at: now + TimeDelta::days(7),
                client_address: "192.0.2.17".to_owned(),
            }
        })
    }
}

async fn store(storage: &Storage, plan: Plan, role: Role, number: u64) -> Outcome<Vec<Account>> {
    let accounts = storage.accounts();
    let people: Result<Vec<_>, _> = (0..number).map(|number| person(plan, role, number)).collect();
    let mut stored = Vec::new();
    for some in people.map_err(|problem| format!("{problem:?}"))?.chunks(AT_ONCE) {
        for account in accounts.insert(some.to_vec(), None).await? {
            stored.push(account.map_err(|taken| format!("{taken:?}"))?);
        }
    }
    Ok(stored)
}

fn person(plan: Plan, role: Role, number: u64) -> Result<NewAccount, FieldProblem> {
    let is_patient = role == Role::Patient;
    let dice = Dice::new((number << 2) | u64::from(is_patient));
    let age = TimeDelta::days(i64::try_from(18 * 365 + dice.below(72 * 365)).unwrap_or_default());
    let born = (plan.now - age).date_naive();
    Ok(NewAccount {
        username: PersonName::parse(&names::full(&dice))?,
        role,
        sex: Some(if dice.below(2) == 0 { Sex::Female } else { Sex::Male }),
        age: is_patient.then(|| known_age(born)),
        phone: Some(PhoneNumber::parse(&format!("{}{number:08}", if is_patient { "138" } else { "139" }))?),
        hospital: if is_patient {
            Hospital::default()
        } else {
            Hospital::parse("医邻社区卫生服务中心")?
        },
        home_address: if is_patient {
            HomeAddress::parse("海淀区学院路 38 号")?
        } else {
            HomeAddress::default()
        },
        password: PasswordHash(String::new()),
        must_change_password: false,
        created_at: plan.now - TimeDelta::days(300),
    })
}

fn known_age(born: NaiveDate) -> KnownAge {
    KnownAge::Born(BirthDate::accepted(born))
}
