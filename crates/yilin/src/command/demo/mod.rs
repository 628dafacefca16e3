//! A small, plausible hospital for trying out the service.
//!
//! Inquiries and drug orders are created by the same use cases as real ones, by accounts with the right
//! roles, with past dates, so that lists and statistics of the previous days are not empty.

mod files;
mod people;
mod stories;
mod tell;

use std::sync::Arc;

use yilin_domain::account::{Account, AccountFilter, Actor, NewAccount, Role};
use yilin_domain::audit::{AuditAction, EntryDraft, Origin};
use yilin_domain::error::Error;
use yilin_domain::list::PageRequest;
use yilin_domain::port::{Clock as _, PortError, Ports};
use yilin_domain::session::SessionId;
use yilin_domain::time::HospitalTime;
use yilin_domain::usecase::UseCases;

use crate::adapters::{SetClock, SystemClock};
use crate::audit::CommandLog;
use crate::error::StartError;
use crate::output::say;
use crate::parts::{Parts, database_error, use_cases};
use crate::secret::signing_secret;
use crate::settings::Settings;

use tell::Teller;

/// Age of the accounts.
const ACCOUNTS_MADE: chrono::TimeDelta = chrono::TimeDelta::days(14);

/// Fills an empty database and prints the accounts that can log in.
pub(crate) async fn demo(settings: &Settings) -> Result<(), StartError> {
    if !settings.is_private() {
        return Err(StartError::DemoNotPrivate);
    }
    let opened = Parts::create(settings).await?;
    let secret = signing_secret(settings, &opened.storage, &*opened.random).await?;
    let clock = Arc::new(SetClock::new(SystemClock.now() - ACCOUNTS_MADE));
    let ports = opened.ports(clock.clone());
    let use_cases = use_cases(settings, ports.clone(), &secret, &settings.public_url(settings.bind)?)?;
    let log =
        CommandLog::open(settings, &opened, "demo", AuditAction::Create, ("account", String::new())).await?;
    let setup = use_cases.setup.clone().within(log.origin());
    setup.ensure_admin(&settings.admin_username, settings.admin_password.reveal()).await?;
    let admin = admin(&ports, &log).await.map_err(|source| database_error(settings, source))?;
    let Some(admin) = admin else {
        return Err(StartError::NoSuchAdmin { name: settings.admin_username.as_str().to_owned() });
    };
    refuse_people(settings, &use_cases, &admin).await?;

    let (patients, physicians) = create_people(settings, &opened, &ports, &log).await?;
    let (zone, origin) = (settings.zone, log.origin());
    let teller = Teller { use_cases, clock, zone, origin, admin, patients, physicians };
    for story in stories::STORIES {
        teller.tell(story).await?;
    }
    log.close().await;
    print_people(settings, &teller);
    Ok(())
}

async fn admin(ports: &Ports, log: &CommandLog) -> Result<Option<Actor>, PortError> {
    Ok(ports.accounts.admins().await?.first().map(|admin| actor(&admin.account, log.origin())))
}

/// The actor of an account, as if logged in.
fn actor(account: &Account, origin: Origin) -> Actor {
    Actor::new(account.uuid, account.role, SessionId::from_bytes([0; 16])).within(Some(origin))
}

async fn refuse_people(settings: &Settings, use_cases: &UseCases, admin: &Actor) -> Result<(), StartError> {
    let patients = count(use_cases, admin, Role::Patient).await?;
    let physicians = count(use_cases, admin, Role::Physician).await?;
    if patients + physicians == 0 {
        return Ok(());
    }
    let (database, data_dir) = (settings.database.to_string(), settings.data_dir.clone());
    Err(StartError::NotEmpty { database, data_dir, patients, physicians })
}

async fn count(use_cases: &UseCases, admin: &Actor, role: Role) -> Result<u64, Error> {
    let filter = AccountFilter { role, containing: None };
    let page = PageRequest { number: 1, size: 1 };
    Ok(use_cases.accounts.page(admin, &filter, page).await?.total)
}

async fn create_people(
    settings: &Settings,
    opened: &Parts,
    ports: &Ports,
    log: &CommandLog,
) -> Result<(Vec<Account>, Vec<Account>), StartError> {
    let password = settings.initial_password.reveal();
    let hash = ports.hasher.turn().await.map_err(Error::from)?.hash(password).await.map_err(Error::from)?;
    let at = HospitalTime { zone: settings.zone, now: ports.clock.now() };
    let patients = people::patients(&hash, at).map_err(StartError::DemoData)?;
    let physicians = people::physicians(&hash, at).map_err(StartError::DemoData)?;
    let patients = insert(settings, ports, patients, Some(log.entry(opened))).await?;
    Ok((patients, insert(settings, ports, physicians, Some(log.entry(opened))).await?))
}

async fn insert(
    settings: &Settings,
    ports: &Ports,
    people: Vec<NewAccount>,
    entry: Option<EntryDraft>,
) -> Result<Vec<Account>, StartError> {
    let inserted = ports.accounts.insert(people, entry).await;
    let inserted = inserted.map_err(|source| database_error(settings, source))?;
    // No phone number is taken in a database without accounts.
    Ok(inserted.into_iter().flatten().collect())
}

fn print_people(settings: &Settings, teller: &Teller) {
    say!("演示数据已写入 / the demo is ready: {}", settings.database);
    say!("可登录的用户 / accounts (姓名 name, 手机号 phone, 密码 password, 角色 role):");
    let admin = settings.admin_username.as_str();
    say!("  {admin}  -  {}  {}", settings.admin_password.reveal(), Role::Admin.as_str());
    for account in teller.physicians.iter().chain(&teller.patients) {
        let phone = account.phone.as_ref().map_or("-", |phone| phone.as_str());
        let password = settings.initial_password.reveal();
        say!("  {}  {phone}  {password}  {}", account.username.as_str(), account.role.as_str());
    }
}
