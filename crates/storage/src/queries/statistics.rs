use chrono::NaiveDate;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::port::VisitCount;

use super::{Conn, Outcome, tallies};
use crate::rows::{Reading, visit_type_of};
use crate::schema::{drug_order, inquiry};

pub(in super::super) async fn visits_per_day(conn: &mut Conn, from: NaiveDate) -> Outcome<Vec<VisitCount>> {
    let rows: Vec<(NaiveDate, i16, i64)> = inquiry::table
        .filter(inquiry::appointment_day.ge(from))
        .group_by((inquiry::appointment_day, inquiry::visit_type))
        .select((inquiry::appointment_day, inquiry::visit_type, diesel::dsl::count_star()))
        .order((inquiry::appointment_day, inquiry::visit_type))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(day, code, count)| {
            let reading = Reading::new("inquiry", format!("appointed for {day}"));
            let visit_type = reading.code("visit_type", code, visit_type_of)?;
            Ok(VisitCount { day, visit_type, count: tallies::counted(count) })
        })
        .collect()
}

pub(in super::super) async fn drug_orders_per_day(
    conn: &mut Conn,
    from: NaiveDate,
) -> Outcome<Vec<(NaiveDate, u64)>> {
    let rows: Vec<(NaiveDate, i64)> = drug_order::table
        .filter(drug_order::created_on.ge(from))
        .group_by(drug_order::created_on)
        .select((drug_order::created_on, diesel::dsl::count_star()))
        .order(drug_order::created_on)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(day, count)| (day, tallies::counted(count))).collect())
}
