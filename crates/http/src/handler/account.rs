//! Accounts.

use std::time::Duration;

use actix_web::web;
use yilin_domain::account::{
    Account, AccountField, AccountFilter, AccountUpdate, AccountUuid, Actor, HomeAddress, Hospital,
    NewPassword, Nickname, PhoneNumber, Role, Sex,
};
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::error::Error;
use yilin_domain::usecase::UpdateRoute;

use crate::audit::Discloses;
use crate::auth::{AdminOnly, AnyRole, Caller, PhysicianOrAdmin};
use crate::input::{
    Body, Choice, Choices, Clearable, NotFromEcho, Paging, Presence, Query, Selected, Text, request,
};
use crate::list;
use crate::reply::{Answer, List, One, success};
use crate::route::{Record, Route, get, put, tagged};
use crate::service::Service;
use crate::view::{AccountView, PhysicianEntry};

pub(crate) fn routes() -> Vec<Route> {
    let echo = "Absent and empty fields are unchanged, but an empty nickname clears it. A body that contains \
        `id` changes only nickname, phone, sex and password.";
    let too_many_phone_changes = || Error::TooManyPhoneChanges { retry_after: Duration::from_secs(3600) };
    tagged("account", [
        get("/api/user/queryUserMessage", "queryUserMessage", own)
            .summary("The caller's own account")
            .audited(Read, "account", Record::Caller),
        get("/api/user/queryPatientInformation", "queryPatientInformation", patients)
            .summary("All patients")
            .audited(Read, "account", Record::Search),
        get("/api/user/queryDoctorInformation", "queryDoctorInformation", physicians)
            .summary("All physicians")
            .details(
                "Callers other than admins see what they need to recognise a physician, with a masked phone number.",
            )
            .audited(Read, "account", Record::Search),
        get("/api/user/likeAccountByCV", "likeAccountByCV", search)
            .summary("Search accounts")
            .details("Accounts of a role whose field contains a text literally.")
            .audited(Read, "account", Record::Search),
        put("/api/user/updatePatientInformation", "updatePatientInformation", update_patient)
            .summary("Update a profile, as patient or physician")
            .details(echo)
            .callers("that account, admin")
            .errors([Error::NotFound, Error::PhoneTaken, too_many_phone_changes()])
            .audited(Update, "account", Record::Field("uuid")),
        put("/api/user/updatePhysicianInformation", "updatePhysicianInformation", update_physician)
            .summary("Update a physician's profile")
            .details(echo)
            .callers("that physician, admin")
            .errors([Error::NotFound, Error::PhoneTaken, too_many_phone_changes()])
            .audited(Update, "account", Record::Field("uuid")),
    ])
}

async fn own(service: web::Data<Service>, caller: Caller<AnyRole>) -> Answer<One<AccountView>> {
    let account = service.use_cases.accounts.own(&caller.actor).await?;
    Ok(success(AccountView::new(&account, service.options.zone)))
}

async fn patients(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query(paging): Query<Paging>,
) -> Answer<List<AccountView>> {
    accounts(&service, &caller.actor, AccountFilter { role: Role::Patient, containing: None }, paging).await
}

async fn physicians(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    Query(paging): Query<Paging>,
) -> Answer<List<PhysicianEntry>> {
    let (for_admin, zone) = (caller.actor.is_admin(), service.options.zone);
    let filter = AccountFilter { role: Role::Physician, containing: None };
    let view = move |account: &Account| PhysicianEntry::new(account, for_admin, zone);
    list(&service, &caller.actor, filter, paging, view).await
}

/// `cond`: the field to search.
pub(crate) struct SearchedField;

impl Choices for SearchedField {
    type Value = AccountField;
    const CHOICES: &'static [Choice<AccountField>] = &[
        ("username", "the name", || AccountField::Username),
        ("phone", "the phone number", || AccountField::Phone),
        ("uuid", "the uuid", || AccountField::Uuid),
        ("hospital", "the hospital", || AccountField::Hospital),
        ("home_addr", "the home address", || AccountField::HomeAddress),
        ("nickname", "the nickname", || AccountField::Nickname),
    ];
}

request! {
    /// A search for accounts.
    pub(crate) struct AccountSearch {
        /// The field to search; `username` by default.
        field: Selected<SearchedField> = "cond",
        /// The text; an empty one matches everything.
        text: Option<Text> = "val",
        /// The role of the accounts; 患者 by default.
        role: Option<Role>,
    }
}

async fn search(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Query((search, paging)): Query<(AccountSearch, Paging)>,
) -> Answer<List<AccountView>> {
    let filter = AccountFilter {
        role: search.role.unwrap_or(Role::Patient),
        containing: search.text.map(|Text(text)| (search.field.0, text)),
    };
    accounts(&service, &caller.actor, filter, paging).await
}

request! {
    /// An update of an account.
    pub(crate) struct AccountUpdateBody {
        /// The account to update.
        uuid: AccountUuid,
        /// Present in an account that is sent back whole, as it was returned earlier.
        id: Presence,
        /// The nickname; an empty one clears it.
        nickname: Clearable<Nickname>,
        password: Option<NewPassword>,
        /// The log-in phone number: 11 digits starting with 1.
        phone: Option<PhoneNumber>,
        /// 男 or 女.
        sex: Option<Sex>,
        /// A patient's home address.
        home_addr: NotFromEcho<HomeAddress>,
        /// A physician's hospital.
        hospital: NotFromEcho<Hospital>,
    }
}

async fn update_patient(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    Body(body): Body<AccountUpdateBody>,
) -> Answer<One<AccountView>> {
    update(&service, &caller.actor, UpdateRoute::Patient, body).await
}

async fn update_physician(
    service: web::Data<Service>,
    caller: Caller<PhysicianOrAdmin>,
    Body(body): Body<AccountUpdateBody>,
) -> Answer<One<AccountView>> {
    update(&service, &caller.actor, UpdateRoute::Physician, body).await
}

async fn update(
    service: &Service,
    actor: &Actor,
    route: UpdateRoute,
    body: AccountUpdateBody,
) -> Answer<One<AccountView>> {
    let update = AccountUpdate {
        uuid: body.uuid,
        is_echo: body.id.0,
        nickname: body.nickname.0,
        password: body.password,
        phone: body.phone,
        sex: body.sex,
        home_address: body.home_addr.0,
        hospital: body.hospital.0,
    };
    let account = service.use_cases.accounts.update(actor, route, update).await?;
    Ok(success(AccountView::new(&account, service.options.zone)))
}

async fn accounts(
    service: &Service,
    actor: &Actor,
    filter: AccountFilter,
    paging: Paging,
) -> Answer<List<AccountView>> {
    let zone = service.options.zone;
    list(service, actor, filter, paging, move |account| AccountView::new(account, zone)).await
}

async fn list<V: serde::Serialize + Discloses>(
    service: &Service,
    actor: &Actor,
    filter: AccountFilter,
    paging: Paging,
    view: impl Fn(&Account) -> V + 'static,
) -> Answer<List<V>> {
    let accounts = &service.use_cases.accounts;
    match paging {
        Paging::Page(page) => Ok(list::page(&accounts.page(actor, &filter, page).await?, page, view)),
        Paging::Complete => list::complete(accounts.all(actor, filter)?, view).await,
    }
}
