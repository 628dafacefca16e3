//! Tests of what SQLite's planner makes of lists. (MariaDB's plans are looked at in `tests/it/explain.rs`.)

use diesel::{Connection as _, ExpressionMethods as _, QueryDsl as _, QueryableByName, RunQueryDsl as _};
use diesel_migrations::MigrationHarness as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::drug_order::{DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::inquiry::{InquiryFilter, InquiryParty, InquiryStatus};

use super::Db;
use super::migrate::MIGRATIONS;
use super::repositories::{drug_orders, inquiries};
use crate::schema::{drug_order, inquiry};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// The first step of a statement's plan, in an empty database: SQLite has no statistics in a full one either.
fn plan(statement: &str) -> String {
    let mut conn = diesel::SqliteConnection::establish(":memory:").unwrap();
    conn.run_pending_migrations(MIGRATIONS).unwrap();
    let (statement, _binds) = statement.split_once(" -- binds").unwrap();
    let mut steps: Vec<Step> =
        diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut conn).unwrap();
    steps.remove(0).detail
}

macro_rules! first_page {
    ($table:ident, $rows:expr) => {
        plan(&diesel::debug_query::<Db, _>(&$rows.order($table::id.desc()).limit(10)).to_string())
    };
}

#[test]
fn ones_own_lists_are_looked_for_among_ones_own() {
    let one = AccountUuid::from_bytes([1; 4]);
    for status in InquiryStatus::ALL {
        for (party, index) in [
            (InquiryParty::Patient(one), "inquiry_of_patient (patient_uuid=?)"),
            (InquiryParty::Physician(one), "inquiry_of_physician (physician_uuid=?)"),
        ] {
            let filter = InquiryFilter::in_statuses(party, StatusSet::of(&[status]));
            let plan = first_page!(inquiry, inquiries::filtered(&filter));
            assert!(plan.ends_with(index), "{status:?}: {plan}");
        }
    }
    for status in DrugOrderStatus::ALL {
        for (party, index) in [
            (DrugOrderParty::Patient(one), "drug_order_of_patient (patient_uuid=?)"),
            (DrugOrderParty::Physician(one), "drug_order_of_physician (physician_uuid=?)"),
        ] {
            let filter = DrugOrderFilter { party, statuses: StatusSet::of(&[status]) };
            let plan = first_page!(drug_order, drug_orders::filtered(&filter));
            assert!(plan.ends_with(index), "{status:?}: {plan}");
        }
    }
}
