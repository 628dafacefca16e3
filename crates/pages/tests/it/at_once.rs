//! Forms that are sent a second time while the first one is under way: a double click.

use std::cell::Cell;

use chrono::TimeDelta;
use futures_util::join;
use yilin_domain::account::Role;
use yilin_domain::usecase::OnceOnly;
use yilin_testkit::eventually;

use crate::browser::{Browser, Page};
use crate::world::{World, run, run_on_mariadb, run_on_sqlite};

/// A form, filled in.
struct Filled {
    page: Page,
    action: &'static str,
    values: Vec<(&'static str, &'static str)>,
}

impl Filled {
    async fn send(&self, browser: &Browser<'_>) -> Page {
        browser.clone().submit(&self.page, self.action, &self.values).await
    }
}

/// The forms that create something.
async fn forms(world: &World, admin: &mut Browser<'_>) -> [Filled; 2] {
    let patient = world.account(Role::Patient, "王秀英").await;
    let visit = Filled {
        page: admin.get(&format!("/console/visits/new?patient={}", patient.uuid)).await.expect(200),
        action: "/console/visits/new",
        values: vec![
            ("type", "在家就医"),
            ("appointment_time", "2027-01-15T09:30"),
            ("inquiry_detail", "头痛三天"),
        ],
    };
    let person = Filled {
        page: admin.get("/console/people/new?kind=patients").await.expect(200),
        action: "/console/people/new",
        values: vec![("username", "赵敏"), ("phone", "13800000001"), ("sex", "女")],
    };
    [visit, person]
}

/// Waits until somebody sleeps: the second form, while it waits for the first.
async fn second_waits(world: &World, idle: usize) {
    eventually("the second waits", async || world.fakes.clock.sleepers() > idle).await;
}

/// The second of two equal forms leads to where the first one does.
async fn both_lead_to_one(world: &World) {
    let mut admin = world.admin().await;
    for form in forms(world, &mut admin).await {
        let idle = world.fakes.clock.sleepers();
        let closed = world.answers.close().await;
        let second = async {
            eventually("the first is under way", async || world.answers.waiting() == 1).await;
            form.send(&admin).await
        };
        let open = async {
            second_waits(world, idle).await;
            drop(closed);
        };
        let (first, second, ()) = join!(form.send(&admin), second, open);
        let (first, second) = (first.expect(303), second.expect(303));
        assert_eq!(first.header("location"), second.header("location"));
        admin.get(first.header("location")).await.expect(200);
    }
    only_one_of_each(&mut admin).await;
}

/// Who has waited long enough is told, and can see later what became of it.
async fn nobody_waits_for_ever(world: &World) {
    let mut admin = world.admin().await;
    for form in forms(world, &mut admin).await {
        let (idle, is_told) = (world.fakes.clock.sleepers(), Cell::new(false));
        let closed = world.answers.close().await;
        let second = async {
            eventually("the first is under way", async || world.answers.waiting() == 1).await;
            let told = form.send(&admin).await;
            is_told.set(true);
            told
        };
        let pass = async {
            second_waits(world, idle).await;
            world.fakes.clock.advance(TimeDelta::from_std(OnceOnly::PATIENCE).unwrap());
            eventually("the second is told", async || is_told.get()).await;
            drop(closed);
        };
        let (first, told, ()) = join!(form.send(&admin), second, pass);
        let first = first.expect(303);
        let told = told.expect(409);
        told.shows("同一份表单正在处理").shows("不会重复新增").lacks("记录的状态");
        assert!(told.header("retry-after").parse::<u64>().unwrap() > 0);
        // The link leads to the list with the result.
        let created = first.header("location").split('?').next().unwrap();
        let list = told.all(".actions a", "href").remove(0);
        let rows = admin.get(&list).await.expect(200).all("tbody th a", "href");
        assert_eq!(rows, [created]);
        // So does reloading the page.
        form.send(&admin).await.expect_redirect(first.header("location"));
    }
    only_one_of_each(&mut admin).await;
}

async fn only_one_of_each(admin: &mut Browser<'_>) {
    admin.get("/console/visits").await.expect(200).shows("共 1 条");
    admin.get("/console/people?text=赵敏").await.expect(200).shows("共 1 条");
}

#[test]
fn a_form_that_is_sent_twice_at_once_leads_twice_to_one_result() {
    run(async |world| both_lead_to_one(world).await);
}

#[test]
fn a_form_that_is_sent_twice_at_once_leads_twice_to_one_result_sqlite() {
    run_on_sqlite(async |world| both_lead_to_one(world).await);
}

#[test]
fn a_form_that_is_sent_twice_at_once_leads_twice_to_one_result_mariadb() {
    run_on_mariadb(async |world| both_lead_to_one(world).await);
}

#[test]
fn who_waits_too_long_for_the_first_form_is_told() {
    run(async |world| nobody_waits_for_ever(world).await);
}

#[test]
fn who_waits_too_long_for_the_first_form_is_told_sqlite() {
    run_on_sqlite(async |world| nobody_waits_for_ever(world).await);
}

#[test]
fn who_waits_too_long_for_the_first_form_is_told_mariadb() {
    run_on_mariadb(async |world| nobody_waits_for_ever(world).await);
}
