//! Accounts.

use std::time::Duration;

use actix_web::web;
use yilin_domain::account::{
    Account, AccountField, AccountFilter, AccountUpdate, AccountUuid, Actor, HomeAddress, Hospital,
    NewPassword, Nickname, PhoneNumber, Role, Sex,
};
use yilin_domain::audit::AuditAction::{Create, Read, Update};
use yilin_domain::error::Error;
use yilin_domain::port::Part;
use yilin_domain::usecase::UpdateRoute;
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_web::Service;
use yilin_web::audit::Discloses;
use yilin_web::auth::{AdminOnly, AnyRole, Caller, PhysicianOrAdmin};
use yilin_web::error::ApiError;
use yilin_web::input::{
    AccountBody, Body, Choice, Choices, Clearable, Input, Keyed, NoFields, NotFromEcho, Paging, Presence,
    Query, Selected, Text, request,
};
use yilin_web::route::{Record, Route, get, post, put, tagged};

use super::visit::ReasonBody;
use crate::export::{self, Zip};
use crate::list;
use crate::once;
use crate::reply::{Answer, Binary, List, One, success};
use crate::view::{AccountView, HandedOverView, PhysicianEntry};

pub(crate) fn routes() -> Vec<Route> {
    let echo = "Absent and empty fields are unchanged, but an empty nickname clears it. A body that contains \
        `id` changes only nickname, phone, sex and password.";
    let too_many_phone_changes = || Error::TooManyPhoneChanges { retry_after: Duration::from_secs(3600) };
    tagged("account", [
        get("/api/user/queryUserMessage", "queryUserMessage", own)
            .summary("The caller's own account")
            .audited(Read, "account", Record::Caller),
        get("/api/user/exportMyData", "exportMyData", export_own)
            .summary("Everything that the service holds about oneself")
            .details(
                "A ZIP of `data.json`, `index.html` and the files that the records show. One at a time for each account.",
            )
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
        post("/api/user/createAccount", "createAccount", create)
            .summary("Create one account")
            .details(
                "Without a password a patient or physician gets the initial one. The owner has to change either. A \
                 home address counts for a patient, a hospital for a physician. An admin logs in with `username`, \
                 which no other admin may have, and needs a password but no phone.",
            )
            .errors([Error::PhoneTaken, Error::AdminNameTaken])
            .errors([ApiError::unavailable(Part::PasswordHasher)])
            .audited(Create, "account", Record::Search),
        put("/api/user/disableAccount", "disableAccount", disable)
            .summary("Disable an account")
            .details(
                "Its sessions end, it cannot log in, and no visit can be asked for or handed to it. Its records stay. \
                 An account that is disabled already stays as it is.",
            )
            .errors([Error::NotFound, Error::LastAdmin])
            .audited(Update, "account", Record::Field("uuid")),
        put("/api/user/handOver", "handOver", hand_over)
            .summary("Hand a physician's work over to another one")
            .details(
                "Every inquiry whose consultation has not ended, and every drug order that is not received, becomes the \
                 other physician's, one by one, with the reason in its history. The same call again moves what is left.",
            )
            .errors([Invalid::one("to", FieldProblem::UnknownPhysician)])
            .errors([Error::Contended])
            .audited(Update, "account", Record::Field("from")),
        put("/api/user/enableAccount", "enableAccount", enable)
            .summary("Enable a disabled account again")
            .details("An account that is not disabled stays as it is.")
            .errors([Error::NotFound])
            .audited(Update, "account", Record::Field("uuid")),
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
    Ok(success(AccountView::new(&account, caller.actor.is_admin(), service.hospital_time())))
}

async fn export_own(service: web::Data<Service>, caller: Caller<AnyRole>) -> Answer<Binary<Zip>> {
    let export = service.use_cases.exports.begin(&caller.actor)?;
    Ok(export::answer(service.get_ref().clone(), export))
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
    let (for_admin, time) = (caller.actor.is_admin(), service.hospital_time());
    let filter = AccountFilter { role: Role::Physician, containing: None };
    let view = move |account: &Account| PhysicianEntry::new(account, for_admin, time);
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

async fn create(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Keyed { body: AccountBody(request), claim, .. }: Keyed<NoFields, AccountBody>,
) -> Answer<One<AccountView>> {
    let time = service.hospital_time();
    let receipt = once::receipt(claim, move |account| AccountView::new(account, true, time));
    let accounts = &service.use_cases.accounts;
    let create = |receipt| accounts.create(&caller.actor, request, receipt);
    let created = service.use_cases.once.run(receipt, create).await?;
    once::answer(created, |account| AccountView::new(account, true, time))
}

request! {
    /// Whose account.
    pub(crate) struct Whose {
        /// The account's uuid.
        uuid: AccountUuid,
    }
}

async fn disable(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Input { query, body }: Input<Whose, ReasonBody>,
) -> Answer<One<AccountView>> {
    set_disabled(&service, &caller.actor, query, true, body).await
}

async fn enable(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Input { query, body }: Input<Whose, ReasonBody>,
) -> Answer<One<AccountView>> {
    set_disabled(&service, &caller.actor, query, false, body).await
}

request! {
    /// From which physician to which other one.
    pub(crate) struct FromTo {
        /// The uuid of the physician whose work it is; the account may be disabled.
        from: AccountUuid,
        /// The uuid of the physician who takes it over.
        to: AccountUuid,
    }
}

async fn hand_over(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    Input { query: FromTo { from, to }, body: ReasonBody { reason } }: Input<FromTo, ReasonBody>,
) -> Answer<One<HandedOverView>> {
    let moved = service.use_cases.hand_over.run(&caller.actor, from, to, reason).await?;
    Ok(success(moved.into()))
}

async fn set_disabled(
    service: &Service,
    actor: &Actor,
    Whose { uuid }: Whose,
    disabled: bool,
    ReasonBody { reason }: ReasonBody,
) -> Answer<One<AccountView>> {
    let account = service.use_cases.accounts.set_disabled(actor, uuid, disabled, reason).await?;
    Ok(success(AccountView::new(&account, true, service.hospital_time())))
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
    Ok(success(AccountView::new(&account, actor.is_admin(), service.hospital_time())))
}

async fn accounts(
    service: &Service,
    actor: &Actor,
    filter: AccountFilter,
    paging: Paging,
) -> Answer<List<AccountView>> {
    let time = service.hospital_time();
    list(service, actor, filter, paging, move |account| AccountView::new(account, true, time)).await
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
