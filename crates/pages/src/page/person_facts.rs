//! Whom a page about a person is about.

use yilin_domain::account::{Account, AccountUuid, PhoneNumber, Role};
use yilin_web::audit::Disclosure;

use super::{person_edit, person_password};
use crate::console::Console;
use crate::parts::{Facts, Person, Tag};

/// What is known of a person.
pub(super) struct PersonFacts {
    uuid: AccountUuid,
    /// Whether the audit log counts the data as a patient's.
    is_patient: bool,
    pub(super) list: Facts,
}

impl PersonFacts {
    /// What a step is about.
    pub(super) fn new(account: &Account, console: &Console) -> Self {
        Self::listed(account, console, false)
    }

    /// Everything, with links to change what can be changed.
    pub(super) fn with_changes(account: &Account, console: &Console) -> Self {
        let facts = Self::listed(account, console, true);
        let (texts, uuid) = (console.texts, account.uuid);
        let password =
            if account.must_change_password { "person-must-change" } else { "person-password-own" };
        let created = console.clock().moment(account.created_at).full;
        let list = facts.list.add("person-password", texts.text(password));
        let list = list.changed_on(Some(person_password::path(uuid))).add("person-created", created);
        Self { list, ..facts }
    }

    fn listed(account: &Account, console: &Console, is_changed: bool) -> Self {
        let texts = console.texts;
        let change = |field: &str| is_changed.then(|| format!("{}#{field}", person_edit::path(account.uuid)));
        let phone = account.phone.as_ref().map(PhoneNumber::as_str).unwrap_or_default();
        let link = (!phone.is_empty()).then(|| format!("tel:{phone}"));
        let about = Person::of(account, console.time(), texts).about;
        let add = |list: Facts, name, value: &str| {
            if is_changed { list.add(name, value.to_owned()) } else { list.add_known(name, value.to_owned()) }
        };
        let list = Facts::new(texts)
            .add("person-name", account.username.as_str().to_owned())
            .add("person-role", texts.text(role(account.role)))
            .tagged(account.disabled.then(|| Tag::disabled(texts)));
        let list = add(list, "person-about", &about).changed_on(change("sex-0"));
        let list = add(list, "person-phone", phone).linked(link).changed_on(change("phone"));
        let list = match account.role {
            Role::Patient => {
                add(list, "person-address", account.home_address.as_str()).changed_on(change("home_addr"))
            }
            Role::Physician => {
                add(list, "person-hospital", account.hospital.as_str()).changed_on(change("hospital"))
            }
            Role::Admin => list,
        };
        let list = add(list, "person-nickname", account.nickname.as_str()).changed_on(change("nickname"));
        let list = list.add("person-uuid", account.uuid.to_string());
        Self { uuid: account.uuid, is_patient: account.role == Role::Patient, list }
    }

    /// For the audit log.
    pub(super) fn disclosure(&self) -> Disclosure {
        Disclosure::of("account", &self.uuid, self.is_patient.then_some(self.uuid))
    }
}

/// The name of a role.
pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::Patient => "person-patient",
        Role::Physician => "person-physician",
        Role::Admin => "person-admin",
    }
}
