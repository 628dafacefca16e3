//! Accounts.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use yilin_domain::account::{Account, PhoneNumber};
use yilin_domain::time::HospitalTime;
use yilin_web::audit::{Discloses, Disclosure};

use super::wire::{Uuid, Wire, WireRole, WireSex, years};
use crate::once::{Replayed, account_at};

/// An account, for its owner and the admin.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    #[schema(example = 1)]
    id: i64,
    uuid: Uuid,
    /// The person's name.
    username: String,
    nickname: String,
    role: WireRole,
    sex: WireSex,
    /// Age in years; null if unknown.
    #[schema(required)]
    age: Option<u8>,
    /// 11 digits; empty if there is none.
    #[schema(example = "12345671901")]
    phone: String,
    hospital: String,
    home_addr: String,
    /// Always empty; the console has a column for it.
    chain_account: &'static str,
    /// `YYYY-MM-DD HH:MM:SS` in the hospital's time zone.
    #[schema(example = "2024-10-02 20:30:00")]
    create_time: String,
    /// Whether the password was set by another account.
    must_change_password: bool,
    /// Whether an admin has disabled the account; shown to admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled: Option<bool>,
}

impl AccountView {
    pub(crate) fn new(account: &Account, for_admin: bool, time: HospitalTime) -> Self {
        Self {
            id: account.id.0,
            uuid: account.uuid.into(),
            username: account.username.as_str().to_owned(),
            nickname: account.nickname.as_str().to_owned(),
            role: Wire(account.role),
            sex: Wire(account.sex),
            age: years(account.age, time),
            phone: account.phone.as_ref().map_or_else(String::new, |phone| phone.as_str().to_owned()),
            hospital: account.hospital.as_str().to_owned(),
            home_addr: account.home_address.as_str().to_owned(),
            chain_account: "",
            create_time: time.render(account.created_at),
            must_change_password: account.must_change_password,
            disabled: for_admin.then_some(account.disabled),
        }
    }
}

/// The caller's own account, with the token of the new session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoggedIn)]
pub(crate) struct LoggedInView {
    #[serde(flatten)]
    pub(crate) account: AccountView,
    /// The value for `Authorization`.
    pub(crate) token: String,
}

/// A physician, as shown to all accounts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PublicPhysician)]
pub(crate) struct PublicPhysicianView {
    id: i64,
    uuid: Uuid,
    username: String,
    nickname: String,
    role: WireRole,
    sex: WireSex,
    hospital: String,
    /// With masked middle digits.
    #[schema(example = "189****2345")]
    phone: String,
}

/// A physician in the public list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum PhysicianEntry {
    /// For admins.
    Account(Box<AccountView>),
    /// For all others.
    Public(PublicPhysicianView),
}

impl PhysicianEntry {
    pub(crate) fn new(account: &Account, for_admin: bool, time: HospitalTime) -> Self {
        if for_admin {
            return Self::Account(Box::new(AccountView::new(account, true, time)));
        }
        Self::Public(PublicPhysicianView {
            id: account.id.0,
            uuid: account.uuid.into(),
            username: account.username.as_str().to_owned(),
            nickname: account.nickname.as_str().to_owned(),
            role: Wire(account.role),
            sex: Wire(account.sex),
            hospital: account.hospital.as_str().to_owned(),
            phone: account.phone.as_ref().map_or_else(String::new, PhoneNumber::masked),
        })
    }
}

impl Discloses for AccountView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("account", &self.uuid, self.uuid.0)
    }
}

impl Replayed for AccountView {
    fn disclosure_of(payload: &Value) -> Disclosure {
        let account = account_at(payload, "/uuid");
        Disclosure::of("account", &Uuid(account), account)
    }
}

impl Discloses for LoggedInView {
    fn disclosure(&self) -> Disclosure {
        self.account.disclosure()
    }
}

/// The public data of a physician is not personal; an account is.
impl Discloses for PhysicianEntry {
    fn disclosure(&self) -> Disclosure {
        match self {
            Self::Account(account) => account.disclosure(),
            Self::Public(_) => Disclosure::nothing(),
        }
    }
}
