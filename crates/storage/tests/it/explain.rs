//! Query plans of every list on MariaDB: along one index in id order, without scanning another table or
//! sorting.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests panic on failure")]

use crate::support;
use chrono::TimeDelta;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, Row};
use yilin_domain::account::{AccountField, AccountFilter, AccountUuid, PeopleFilter, PersonCriterion, Role};
use yilin_domain::drug_order::{DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::event::{Audience, EventId};
use yilin_domain::id::{AccountId, DrugOrderId, InquiryId};
use yilin_domain::inquiry::{
    DayRange, InquiryFilter, InquiryParty, InquiryStatus, PatientCriterion, ScheduleSpan, VisitFilter,
};
use yilin_domain::list::{PageRequest, Window};
use yilin_storage::{Storage, StoredCode as _};
use yilin_testkit::mariadb::Server;

/// Number of accounts, inquiries and drug orders.
const ROWS: u32 = 4000;

#[tokio::test(flavor = "multi_thread")]
async fn every_list_walks_one_index_in_order_on_mariadb() {
    let server = Server::start().await;
    let url = server.database().await;
    let storage = support::storage(&support::options(&*url), support::random()).await;
    let mut connection = Conn::new(Opts::from_url(&url).unwrap()).await.unwrap();
    fill(&mut connection).await;
    let of = AccountUuid::parse("00000001").unwrap();

    // The server logs every statement with its values.
    for statement in ["SET GLOBAL log_output = 'TABLE'", "SET GLOBAL general_log = ON"] {
        connection.query_drop(statement).await.unwrap();
    }
    ask_for_every_list(&storage, of).await;
    connection.query_drop("SET GLOBAL general_log = OFF").await.unwrap();

    let logged: Vec<String> = connection
        .query(
            "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log \
             WHERE command_type = 'Execute' AND argument LIKE 'SELECT%'",
        )
        .await
        .unwrap();
    let (mut looked_at, mut overdue, mut sorted, mut searches) = (0, 0, 0, 0);
    for statement in logged {
        if statement.contains("`inquiry`.`due_at` <") {
            check_overdue(&mut connection, &statement).await;
            overdue += 1;
            continue;
        }
        if statement.contains("IN (SELECT") {
            check_search(&mut connection, &statement).await;
            searches += 1;
            continue;
        }
        if statement.contains("`id` + ") {
            check_short(&mut connection, &statement).await;
            sorted += 1;
            continue;
        }
        // Totals of searches and of a person's own lists are counted along an index; they are not lists.
        if statement.contains("count(*)") || statement.contains("SUM(") || !statement.contains("ORDER BY") {
            continue;
        }
        check(&mut connection, &statement).await;
        looked_at += 1;
    }
    assert!(looked_at >= 60, "only {looked_at} lists were checked");
    assert!(sorted >= 5, "only {sorted} short lists were checked");
    assert!(searches >= 8, "only {searches} searches were checked");
    assert!(overdue >= 5, "only {overdue} queries for overdue inquiries were checked");
}

/// A search by name finds the people by the index of parts of names, and then their inquiries, without reading others.
async fn check_search(connection: &mut Conn, statement: &str) {
    let plan: Vec<Row> = connection.query(format!("EXPLAIN {statement}")).await.unwrap();
    let shown = format!("{plan:#?}\n{statement}");
    for row in &plan {
        let text = |column: &str| row.get::<Option<String>, _>(column).flatten().unwrap_or_default();
        let (table, access) = (text("table"), text("type"));
        let is_found = match &*table {
            "account_name_part" => access == "range",
            "account" => access == "eq_ref",
            "inquiry" => access == "ref" || access == "range",
            // The people found.
            _ => table.starts_with("<subquery") && ["ALL", "eq_ref"].contains(&&*access),
        };
        assert!(is_found, "{table} is read as a whole: {shown}");
    }
}

/// A list that has been found to be short is one range of an index, and sorted.
async fn check_short(connection: &mut Conn, statement: &str) {
    let plan: Vec<Row> = connection.query(format!("EXPLAIN {statement}")).await.unwrap();
    let shown = format!("{plan:#?}\n{statement}");
    let [row] = &plan[..] else { panic!("another table is read: {shown}") };
    let access = row.get::<Option<String>, _>("type").flatten().unwrap_or_default();
    assert!(["range", "ref"].contains(&&*access), "no range of an index is read: {shown}");
    assert!(row.get::<u32, _>("rows").unwrap() <= ROWS, "reads more than the list: {shown}");
}

/// Overdue inquiries are one range of the deadline index, which covers the query.
async fn check_overdue(connection: &mut Conn, statement: &str) {
    let plan: Vec<Row> = connection.query(format!("EXPLAIN {statement}")).await.unwrap();
    let shown = format!("{plan:#?}\n{statement}");
    let [row] = &plan[..] else { panic!("another table is read: {shown}") };
    let text = |column: &str| row.get::<Option<String>, _>(column).flatten().unwrap_or_default();
    let rows: u32 = row.get("rows").unwrap();
    // There is nothing before the smallest id, which the planner recognises.
    let by_deadline = text("key") == "inquiry_due" && text("Extra").contains("Using index");
    assert!(by_deadline || rows <= 1, "the deadline index is not used: {shown}");
    assert_eq!(text("type"), "range", "{shown}");
    assert!(rows < ROWS / 10, "reads more than the overdue inquiries: {shown}");
}

/// Reads of events, missed deadlines and webhook deliveries.
async fn ask_for_events(storage: &Storage, of: AccountUuid) {
    let events = storage.events();
    for audience in [Audience::Everyone, Audience::Party(of)] {
        let batch = events.read(EventId(i64::from(ROWS) / 2), audience, 10).await.unwrap();
        assert!(!batch.events.is_empty());
    }
    assert_eq!(events.forget(support::NOW - TimeDelta::days(9), 10).await.unwrap(), 0);
    assert_eq!(events.announce_overdue(support::NOW, 5).await.unwrap(), 5);
    let webhooks = storage.webhooks();
    let claimed = webhooks.claim(support::NOW, support::NOW + TimeDelta::minutes(1), 5).await.unwrap();
    assert_eq!(claimed.len(), 5);
    assert_eq!(webhooks.hasten(support::NOW, 5).await.unwrap(), 0);
    assert_eq!(webhooks.given_up(EventId::START, 5).await.unwrap().len(), 5);
}

/// Checks the plan of one statement.
async fn check(connection: &mut Conn, statement: &str) {
    let plan: Vec<Row> = connection.query(format!("EXPLAIN {statement}")).await.unwrap();
    let shown = format!("{plan:#?}\n{statement}");
    for (step, row) in plan.iter().enumerate() {
        let text = |column: &str| row.get::<Option<String>, _>(column).flatten().unwrap_or_default();
        let (access, extra) = (text("type"), text("Extra"));
        assert!(!extra.contains("filesort") && !extra.contains("temporary"), "something is sorted: {shown}");
        assert_ne!(access, "ALL", "a table is scanned: {shown}");
        if step > 0 {
            assert!(["eq_ref", "ref", "const"].contains(&&*access), "a joined table is walked: {shown}");
        }
    }
}

/// Pages (the first and a deep one) and batches (the first and a later one) of every list.
async fn ask_for_every_list(storage: &Storage, of: AccountUuid) {
    let pages = [PageRequest { number: 1, size: 10 }, PageRequest { number: 7, size: 10 }];
    let inquiries = storage.inquiries();
    for filter in inquiry_filters(of) {
        for page in pages {
            inquiries.page(&filter, page).await.unwrap();
        }
        let first = inquiries.batch(&filter, None, 50).await.unwrap();
        let last = first.last().unwrap_or_else(|| panic!("no results for {filter:?}")).inquiry.id;
        inquiries.batch(&filter, Some(last), 50).await.unwrap();
    }
    let span = ScheduleSpan::around(of, support::appointment(), TimeDelta::days(1));
    assert!(!inquiries.schedule(&span).await.unwrap().is_empty(), "the schedule is empty");
    let drug_orders = storage.drug_orders();
    for filter in drug_order_filters(of) {
        for page in pages {
            drug_orders.page(&filter, page).await.unwrap();
        }
        let first = drug_orders.batch(&filter, None, 50).await.unwrap();
        let last = first.last().unwrap_or_else(|| panic!("no results for {filter:?}")).order.id;
        drug_orders.batch(&filter, Some(last), 50).await.unwrap();
    }
    ask_for_slices(storage, of).await;
    ask_for_events(storage, of).await;
    let accounts = storage.accounts();
    for role in [Role::Patient, Role::Physician] {
        for containing in [None, Some((AccountField::Username, "人1".to_owned()))] {
            let filter = AccountFilter { role, containing };
            for page in pages {
                accounts.page(&filter, page).await.unwrap();
            }
            accounts.batch(&filter, None, 50).await.unwrap();
        }
    }
}

/// Slices of the hospital's lists, at their beginning, inside and at their end.
async fn ask_for_slices(storage: &Storage, of: AccountUuid) {
    let visits = storage.visit_lists();
    let inside = InquiryId(i64::from(ROWS) / 2);
    let windows = [Window::Newest, Window::OlderThan(inside), Window::NewerThan(inside), Window::Oldest];
    for filter in visit_filters(of) {
        for window in windows {
            visits.slice(&filter, window, 10).await.unwrap();
        }
        visits.total(&filter).await.unwrap();
    }
    let today = support::NOW.date_naive();
    let span = today.into()..(today + TimeDelta::days(1)).into();
    assert!(!visits.schedules(&[of], span).await.unwrap().is_empty());
    let orders = storage.drug_orders();
    for filter in drug_order_filters(of) {
        for window in [Window::Newest, Window::OlderThan(DrugOrderId(inside.0)), Window::Oldest] {
            orders.slice(&filter, window, 10).await.unwrap();
        }
    }
    let people = storage.people();
    for text in ["", "人", "人12", "1390", "0012", "13900000012", "00000001"] {
        let any_of = PersonCriterion::of_text(text);
        let filter = PeopleFilter { any_of, ..PeopleFilter::everyone(Role::Physician) };
        for window in [Window::Newest, Window::OlderThan(AccountId(inside.0)), Window::Oldest] {
            people.slice(&filter, window, 10).await.unwrap();
        }
        people.total(&filter).await.unwrap();
    }
    assert!(!people.shared_names(Role::Patient, None, 10).await.unwrap().groups.is_empty());
    assert!(!people.shared_phones(None, 10).await.unwrap().groups.is_empty());
}

fn visit_filters(of: AccountUuid) -> Vec<VisitFilter> {
    let in_statuses =
        |statuses: &[InquiryStatus]| VisitFilter { statuses: StatusSet::of(statuses), ..VisitFilter::all() };
    let today = Some(support::NOW.date_naive());
    let days = DayRange { first: today, last: today };
    let since = DayRange { first: today.map(|today| today + TimeDelta::days(1)), last: None };
    let physician = Some(of);
    let named = |text: &str| VisitFilter {
        patient: Some(PatientCriterion::Named(text.to_owned())),
        ..VisitFilter::all()
    };
    vec![
        VisitFilter::all(),
        in_statuses(&[InquiryStatus::Returned]),
        in_statuses(&[InquiryStatus::Submitted, InquiryStatus::Assigned]),
        VisitFilter { due_before: Some(support::NOW), ..VisitFilter::all() },
        VisitFilter { days, ..VisitFilter::all() },
        VisitFilter { days: since, ..VisitFilter::all() },
        VisitFilter { physician, ..VisitFilter::all() },
        VisitFilter { patient: Some(PatientCriterion::Is(of)), ..VisitFilter::all() },
        named("人"),
        named("人12"),
        VisitFilter { physician, ..named("人") },
        VisitFilter { physician, days, ..VisitFilter::all() },
        VisitFilter { physician, days, ..in_statuses(&[InquiryStatus::Approved]) },
        VisitFilter { days, ..in_statuses(&[InquiryStatus::Approved]) },
    ]
}

fn inquiry_filters(of: AccountUuid) -> Vec<InquiryFilter> {
    let list = |party: InquiryParty, choices: &[StatusSet<InquiryStatus>]| -> Vec<InquiryFilter> {
        let filter = |statuses: &StatusSet<_>| InquiryFilter::in_statuses(party.clone(), statuses.clone());
        choices.iter().map(filter).collect()
    };
    let (all, ended) = (StatusSet::all(), StatusSet::matching(InquiryStatus::has_ended));
    let approved = StatusSet::matching(InquiryStatus::is_approved);
    let not_approved = StatusSet::matching(InquiryStatus::may_be_approved);
    let one = InquiryStatus::ALL.map(|status| StatusSet::of(&[status]));
    let of_anyone = [&[all.clone(), ended.clone()][..], &one].concat();
    // A visit that has only been asked for has no physician.
    let assigned = one.iter().filter(|statuses| !statuses.contains(InquiryStatus::Submitted)).cloned();
    let of_physician: Vec<_> = [all.clone(), ended].into_iter().chain(assigned).collect();
    let of_patient = [&[all.clone(), approved, not_approved][..], &one].concat();
    [
        list(InquiryParty::Anyone, &of_anyone),
        list(InquiryParty::Physician(of), &of_physician),
        list(InquiryParty::Patient(of), &of_patient),
        vec![InquiryFilter::overdue(support::NOW)],
        list(InquiryParty::PatientNamed("人".to_owned()), std::slice::from_ref(&all)),
        list(InquiryParty::PhysicianNamed("人".to_owned()), std::slice::from_ref(&all)),
        list(InquiryParty::PatientNamed("人12".to_owned()), std::slice::from_ref(&all)),
        list(InquiryParty::PhysicianNamed("人12".to_owned()), &[all]),
    ]
    .concat()
}

fn drug_order_filters(of: AccountUuid) -> Vec<DrugOrderFilter> {
    let mut choices = vec![StatusSet::all(), StatusSet::matching(DrugOrderStatus::is_purchased)];
    choices.extend(DrugOrderStatus::ALL.map(|status| StatusSet::of(&[status])));
    let parties = [DrugOrderParty::Anyone, DrugOrderParty::Patient(of), DrugOrderParty::Physician(of)];
    let filters =
        |party| choices.clone().into_iter().map(move |statuses| DrugOrderFilter { party, statuses });
    parties.into_iter().flat_map(filters).collect()
}

/// Fills the tables directly: only the number of rows matters here. Half of the accounts are physicians;
/// account 1 is a party to a tenth of the inquiries.
async fn fill(connection: &mut Conn) {
    let account = format!(
        "INSERT INTO account (uuid, username, nickname, role, phone, hospital, home_address, password_hash, \
            password_version, login_count, must_change_password, disabled, standing_version, created_at) \
         SELECT LPAD(HEX(seq), 8, '0'), CONCAT('人', seq % 3900), '', seq % 2, CONCAT('139', LPAD(seq, 8, '0')), '', '', '-', \
            1, 0, 0, 0, 1, NOW() FROM seq_1_to_{ROWS}"
    );
    // Every tenth inquiry belongs to account 1, as patient and as physician: enough for the lists.
    let party = "IF(seq % 10 < 2, '00000001', LPAD(HEX(2 + seq % 1000), 8, '0'))";
    let status = format!("(seq DIV 10 % {})", InquiryStatus::ALL.len());
    let with_reason = InquiryStatus::ALL.iter().filter(|status| status.has_reason());
    let with_reason = with_reason.map(|status| status.code().to_string()).collect::<Vec<_>>().join(", ");
    // One in a hundred is overdue.
    let due = format!(
        "IF(seq % 100 = 1, '{now}' - INTERVAL 1 DAY, '{now}' + INTERVAL 9 DAY)",
        now = support::NOW.naive_utc()
    );
    let inquiry = format!(
        "INSERT INTO inquiry (version, patient_uuid, patient_username, physician_uuid, physician_username, visit_type, \
            appointment_time, reserved_phone, detail, status, status_reason, cancelled_from, due_at, created_at, updated_at) \
         SELECT 1, {party}, CONCAT('人', seq), IF({status} = 0, NULL, {party}), IF({status} = 0, NULL, CONCAT('人', seq)), 0, '{now}', CONCAT('020', LPAD(seq % 3900, 8, '0')), '头痛', {status}, \
            IF({status} IN ({with_reason}), 'x', NULL), IF({status} = {cancelled}, {accepted}, NULL), {due}, NOW(), NOW() \
         FROM seq_1_to_{ROWS}",
        now = support::NOW.naive_utc(),
        cancelled = InquiryStatus::Cancelled.code(),
        accepted = InquiryStatus::Accepted.code(),
    );
    let name_part = "INSERT INTO account_name_part (role, part, account_id) \
         SELECT role, SUBSTR(username, from_char.seq), id FROM account, seq_1_to_5 from_char \
         WHERE from_char.seq <= CHAR_LENGTH(username)";
    let record = "INSERT INTO medical_record (inquiry_id, diagnostic_description, inquiry_video, inquiry_video_held, \
            medical_img, medical_img_held, needs_drugs, created_at) \
         SELECT id, '', 'x', 0, 'x', 0, 1, NOW() FROM inquiry";
    let order = "INSERT INTO drug_order (version, medical_record_id, inquiry_id, patient_uuid, physician_uuid, status, \
            certificate, certificate_held, created_at, updated_at, created_on) \
         SELECT 1, m.id, i.id, i.patient_uuid, COALESCE(i.physician_uuid, '00000001'), i.id DIV 10 % 4, IF(i.id DIV 10 % 4 > 1, 'x', NULL), \
            0, NOW(), NOW(), CURRENT_DATE FROM inquiry i JOIN medical_record m ON m.inquiry_id = i.id";
    let now = support::NOW.naive_utc();
    let event = format!(
        "INSERT INTO event (sequence, event_type, happened_at, subject_kind, subject_id, status, patient_uuid) \
         SELECT seq, 0, '{now}', 0, seq, 0, IF(seq % 10 = 0, '00000001', '00000002') FROM seq_1_to_{ROWS}"
    );
    let cursor = format!("UPDATE event_cursor SET sequence = {ROWS} WHERE name = 0");
    let delivery = "INSERT INTO webhook_delivery (sequence, event_type, happened_at, subject_kind, subject_id, status, \
            patient_uuid, state, claim, failures, queued_at, due_at, was_down, failure) \
         SELECT sequence, 0, happened_at, 0, subject_id DIV 3, 0, patient_uuid, sequence % 10 = 7, 0, 0, happened_at, \
            happened_at + INTERVAL sequence % 3 MINUTE, 0, '' FROM event";
    let analyze = "ANALYZE TABLE account, account_name_part, inquiry, medical_record, drug_order, event, webhook_delivery";
    for statement in [&*account, name_part, &*inquiry, record, order, &*event, &*cursor, delivery, analyze] {
        connection.query_drop(statement).await.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
}
