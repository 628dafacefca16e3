//! Accounts.

use actix_web::web;
use yilin_domain::account::{
    Account, AccountField, AccountFilter, AccountUpdate, AccountUuid, Actor, HomeAddress, Hospital, Nickname,
    PhoneNumber, Role, Sex,
};
use yilin_domain::usecase::UpdateRoute;
use yilin_domain::validation::FieldProblem;

use super::Answer;
use crate::audit::Discloses;
use crate::auth::{AdminOnly, AnyRole, Caller, PhysicianOrAdmin};
use crate::envelope::{Envelope, success};
use crate::error::ApiError;
use crate::input::{Body, Paging, Query};
use crate::list::{self, ListView};
use crate::request_schema::AccountUpdateBody;
use crate::service::Service;
use crate::view::{AccountView, PhysicianEntry};

/// One's own account
#[utoipa::path(get, path = "/api/user/queryUserMessage", tag = "account", operation_id = "queryUserMessage",
    responses((status = 200, description = "The caller's account", body = Envelope<AccountView>)))]
pub(crate) async fn own(service: web::Data<Service>, caller: Caller<AnyRole>) -> Answer {
    let account = service.use_cases.accounts.own(&caller.actor).await?;
    Ok(success(AccountView::new(&account, service.options.zone)))
}

/// All patients
#[utoipa::path(get, path = "/api/user/queryPatientInformation", tag = "account",
    operation_id = "queryPatientInformation", params(crate::request_schema::PageParameters),
    responses((status = 200, description = "Patients", body = Envelope<ListView<AccountView>>)))]
pub(crate) async fn patients(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    mut query: Query,
) -> Answer {
    let paging = query.paging();
    let paging = query.finish(Some(paging))?;
    accounts(&service, &caller.actor, AccountFilter { role: Role::Patient, containing: None }, paging).await
}

/// All physicians
///
/// Others than the admin see what they need to recognise a physician, with a masked phone number.
#[utoipa::path(get, path = "/api/user/queryDoctorInformation", tag = "account",
    operation_id = "queryDoctorInformation", params(crate::request_schema::PageParameters),
    responses((status = 200, description = "Physicians", body = Envelope<ListView<PhysicianEntry>>)))]
pub(crate) async fn physicians(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    mut query: Query,
) -> Answer {
    let paging = query.paging();
    let paging = query.finish(Some(paging))?;
    let (for_admin, zone) = (caller.actor.is_admin(), service.options.zone);
    let filter = AccountFilter { role: Role::Physician, containing: None };
    let view = move |account: &Account| PhysicianEntry::new(account, for_admin, zone);
    answer_list(&service, &caller.actor, filter, paging, view).await
}

/// Search accounts
///
/// Accounts of a role whose field contains a text, to the letter.
#[utoipa::path(get, path = "/api/user/likeAccountByCV", tag = "account", operation_id = "likeAccountByCV",
    params(
        ("cond" = Option<String>, Query, pattern = "^(username|phone|uuid|hospital|home_addr|nickname)?$", description = "username (default), phone, uuid, hospital, home_addr or nickname"),
        ("val" = Option<String>, Query, description = "The text; everything matches an empty one"),
        ("role" = Option<String>, Query, pattern = "^(患者|医师|系统管理员)?$", description = "患者 (default), 医师 or 系统管理员"),
        crate::request_schema::PageParameters),
    responses((status = 200, description = "Accounts", body = Envelope<ListView<AccountView>>)))]
pub(crate) async fn search(
    service: web::Data<Service>,
    caller: Caller<AdminOnly>,
    mut query: Query,
) -> Answer {
    let field = query.optional("cond", account_field).unwrap_or(AccountField::Username);
    let role = query.optional("role", Role::parse).unwrap_or(Role::Patient);
    let containing = query.text("val").map(|text| (field, text.to_owned()));
    let paging = query.paging();
    let (filter, paging) = query.finish(Some((AccountFilter { role, containing }, paging)))?;
    accounts(&service, &caller.actor, filter, paging).await
}

/// Change one's profile
///
/// For physicians too. An admin may change any. An absent or empty field stays as it is, but an
/// empty nickname clears it. A body that carries `id` changes only nickname, phone, sex and password.
#[utoipa::path(put, path = "/api/user/updatePatientInformation", tag = "account",
    operation_id = "updatePatientInformation", request_body = AccountUpdateBody,
    responses((status = 200, description = "The account as it is now", body = Envelope<AccountView>)))]
pub(crate) async fn update_patient(
    service: web::Data<Service>,
    caller: Caller<AnyRole>,
    body: Body,
) -> Answer {
    update(&service, &caller.actor, UpdateRoute::Patient, body).await
}

/// Change a physician's profile
#[utoipa::path(put, path = "/api/user/updatePhysicianInformation", tag = "account",
    operation_id = "updatePhysicianInformation", request_body = AccountUpdateBody,
    responses((status = 200, description = "The account as it is now", body = Envelope<AccountView>)))]
pub(crate) async fn update_physician(
    service: web::Data<Service>,
    caller: Caller<PhysicianOrAdmin>,
    body: Body,
) -> Answer {
    update(&service, &caller.actor, UpdateRoute::Physician, body).await
}

async fn update(service: &Service, actor: &Actor, route: UpdateRoute, mut body: Body) -> Answer {
    let is_echo = body.has("id");
    let uuid = body.required("uuid", AccountUuid::parse);
    let nickname = body.optional_or_empty("nickname", Nickname::parse);
    let password = body.optional("password", |text| service.use_cases.accounts.new_password(text));
    let phone = body.optional("phone", PhoneNumber::parse);
    let sex = body.optional("sex", Sex::parse);
    // An echoed account says nothing about these, so nothing can be wrong with them.
    let (home_address, hospital) = if is_echo {
        (None, None)
    } else {
        (body.optional("home_addr", HomeAddress::parse), body.optional("hospital", Hospital::parse))
    };
    let update = uuid.map(|uuid| AccountUpdate {
        uuid,
        is_echo,
        nickname,
        password,
        phone,
        sex,
        home_address,
        hospital,
    });
    let update = body.finish(update)?;
    let account = service.use_cases.accounts.update(actor, route, update).await?;
    Ok(success(AccountView::new(&account, service.options.zone)))
}

async fn accounts(service: &Service, actor: &Actor, filter: AccountFilter, paging: Paging) -> Answer {
    let zone = service.options.zone;
    answer_list(service, actor, filter, paging, move |account| AccountView::new(account, zone)).await
}

async fn answer_list<V: serde::Serialize + Discloses>(
    service: &Service,
    actor: &Actor,
    filter: AccountFilter,
    paging: Paging,
    view: impl Fn(&Account) -> V + 'static,
) -> Result<actix_web::HttpResponse, ApiError> {
    let accounts = &service.use_cases.accounts;
    match paging {
        Paging::Page(page) => Ok(list::page(&accounts.page(actor, &filter, page).await?, page, view)),
        Paging::Complete => list::complete(accounts.all(actor, filter)?, view).await,
    }
}

fn account_field(text: &str) -> Result<AccountField, FieldProblem> {
    match text {
        "username" => Ok(AccountField::Username),
        "phone" => Ok(AccountField::Phone),
        "uuid" => Ok(AccountField::Uuid),
        "hospital" => Ok(AccountField::Hospital),
        "home_addr" => Ok(AccountField::HomeAddress),
        "nickname" => Ok(AccountField::Nickname),
        _ => Err(FieldProblem::NotOneOf(vec![
            "username",
            "phone",
            "uuid",
            "hospital",
            "home_addr",
            "nickname",
        ])),
    }
}
