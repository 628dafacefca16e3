//! Two people at one visit: at every step the later one is told what the first did, and sees the visit.

use yilin_domain::account::{Account, Role};
use yilin_domain::id::{InquiryId, Version};

use crate::world::{PASSWORD, World, actor, run, run_on_mariadb, run_on_sqlite};

/// How far a visit is.
#[derive(Clone, Copy)]
enum Stage {
    Submitted,
    Accepted,
    Registered,
}

/// A step, and what is typed into its form.
type Step<'a> = (&'a str, Vec<(&'a str, &'a str)>);

/// Two steps of one visit, of which the second was begun before the first was taken.
struct Case<'a> {
    stage: Stage,
    first: Step<'a>,
    second: Step<'a>,
    /// What the second person is told of the first step.
    told: &'a str,
    /// Whether the second step is still possible.
    is_open: bool,
}

const WHY: (&str, &str) = ("reason", "患者来电要求");
const MOVED: (&str, &str) = ("appointment_time", "2024-03-05T09:00");
const LATER: (&str, &str) = ("appointment_time", "2024-03-06T09:00");
const OTHER_WHY: (&str, &str) = ("reason", "第二位的理由");

fn cases<'a>(chosen: &'a str, other: &'a str) -> [Case<'a>; 7] {
    let (chosen, other) = (("physician", chosen), ("physician", other));
    let reschedule = || ("reschedule", vec![MOVED, WHY]);
    let case = |stage, first, second, told, is_open| Case { stage, first, second, told, is_open };
    [
        case(Stage::Submitted, reschedule(), ("appoint", vec![chosen]), "改期到 2024-03-05 09:00", true),
        case(Stage::Submitted, ("appoint", vec![chosen]), ("appoint", vec![other]), "指派李建国", true),
        case(
            Stage::Submitted,
            reschedule(),
            ("reschedule", vec![LATER, OTHER_WHY]),
            "改期到 2024-03-05 09:00",
            true,
        ),
        case(
            Stage::Accepted,
            reschedule(),
            ("reassign", vec![other, OTHER_WHY]),
            "改期到 2024-03-05 09:00",
            true,
        ),
        case(Stage::Accepted, reschedule(), ("cancel", vec![OTHER_WHY]), "改期到 2024-03-05 09:00", true),
        case(Stage::Registered, ("return", vec![WHY]), ("approve", vec![]), "退回补正", false),
        case(Stage::Registered, ("approve", vec![]), ("return", vec![OTHER_WHY]), "审核通过", false),
    ]
}

async fn visit_at(world: &World, stage: Stage, patient: &Account, physician: &Account) -> InquiryId {
    if matches!(stage, Stage::Registered) {
        return world.registered(patient, physician).await;
    }
    let id = world.visit(patient, "2024-03-04 08:30").await.inquiry.id;
    if matches!(stage, Stage::Accepted) {
        let by = actor(&world.first_admin().await);
        world.use_cases.inquiries.appoint(&by, id, physician.uuid).await.unwrap();
        world.use_cases.inquiries.answer(&actor(physician), id, true, None).await.unwrap();
    }
    id
}

async fn version(world: &World, id: InquiryId) -> Version {
    let by = actor(&world.first_admin().await);
    world.use_cases.inquiries.find(&by, id).await.unwrap().inquiry.version
}

async fn the_later_is_told(world: &World) {
    let patient = world.account(Role::Patient, "王秀英").await;
    let physician = world.account(Role::Physician, "李建国").await;
    let successor = world.account(Role::Physician, "张伟").await;
    world.account(Role::Admin, "nurse").await;
    let (mut one, mut other) = (world.browser(), world.admin().await);
    one.log_in("nurse", PASSWORD).await.expect(303);
    let (chosen, successor) = (physician.uuid.to_string(), successor.uuid.to_string());
    for Case { stage, first, second, told, is_open } in cases(&chosen, &successor) {
        let id = visit_at(world, stage, &patient, &physician).await;
        let path = |step: &str| format!("/console/visits/{id}/{step}");
        let (firsts, seconds) = (path(first.0), path(second.0));
        let ones = one.get(&firsts).await.expect(200);
        let others = other.get(&seconds).await.expect(200);
        one.submit(&ones, &firsts, &first.1).await.expect(303);
        let taken = version(world, id).await;

        let page = other.submit(&others, &seconds, &second.1).await.expect(409);
        page.shows("这次就诊刚刚有变化")
            .shows("您的操作没有生效")
            .shows(told)
            .shows("nurse")
            .lacks("提交申请");
        for (_, reason) in first.1.iter().chain(&second.1).filter(|(name, _)| *name == "reason") {
            page.shows(reason);
        }
        assert_eq!(version(world, id).await, taken, "{} is not taken after {}", second.0, first.0);
        let ways = page.all(".actions a", "href");
        assert_eq!(ways.contains(&seconds), is_open, "{ways:?}");
        assert!(ways.contains(&format!("/console/visits/{id}")), "{ways:?}");
        // Now that it is known, it can be done.
        if is_open {
            let again = other.get(&seconds).await.expect(200);
            other.submit(&again, &seconds, &second.1).await.expect(303);
        } else {
            other.get(&seconds).await.expect(409).shows("现在不能进行这一步");
        }
    }
}

#[test]
fn the_later_of_two_people_at_a_visit_is_told_what_changed() {
    run(async |world| the_later_is_told(world).await);
}

#[test]
fn the_later_of_two_people_at_a_visit_is_told_what_changed_sqlite() {
    run_on_sqlite(async |world| the_later_is_told(world).await);
}

#[test]
fn the_later_of_two_people_at_a_visit_is_told_what_changed_mariadb() {
    run_on_mariadb(async |world| the_later_is_told(world).await);
}
