//! Daily statistics of the hospital.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::inquiry::{InquiryStatus, VisitType};
use yilin_domain::port::{PortError, StatisticsRepository, Tallies, VisitCount};

use super::{Database, totals};
use crate::rows::{ColumnReader, Counters, counted};
use crate::schema::inquiry;
use crate::totals::Counter;

#[async_trait]
impl StatisticsRepository for Database {
    async fn visits_per_day(&self, from: NaiveDate) -> Result<Vec<VisitCount>, PortError> {
        self.engine
            .read(
                from,
                work!(|conn, from| {
                    let counters = Counters::like(Counter::Visits(VisitType::Home));
                    let days = totals::by_day(conn, &counters, *from).await?;
                    let count = |(day, counter, count)| match counter {
                        Counter::Visits(visit_type) => Some(VisitCount { day, visit_type, count }),
                        _ => None,
                    };
                    Ok(days.into_iter().filter_map(count).collect())
                }),
            )
            .await
    }

    async fn visits_by_status(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<(InquiryStatus, u64)>, PortError> {
        self.engine
            .read(
                (first, last),
                work!(|conn, (first, last)| {
                    // The groups are in the order of their index: fewer of them would be sorted.
                    let groups = (inquiry::appointment_day, inquiry::visit_type, inquiry::status);
                    let rows: Vec<(i16, i64)> = inquiry::table
                        .filter(inquiry::appointment_day.between(first, last))
                        .group_by(groups)
                        .select((inquiry::status, count_star()))
                        .load(conn)
                        .await?;
                    let columns = ColumnReader::new("inquiry", "of a kind");
                    let mut by_status = BTreeMap::<i16, u64>::new();
                    for (code, count) in rows {
                        *by_status.entry(code).or_default() += counted(count);
                    }
                    let of_status = |(code, count)| Ok((columns.code("status", code)?, count));
                    by_status.into_iter().map(of_status).collect()
                }),
            )
            .await
    }

    async fn tallies(&self) -> Result<Tallies, PortError> {
        self.engine
            .read(
                (),
                work!(|conn, ()| {
                    let mut tallies = Tallies::default();
                    for (counter, number) in totals::all(conn).await? {
                        match counter {
                            Counter::Inquiries(status) => tallies.inquiries.push((status, number)),
                            Counter::DrugOrders(status) => tallies.drug_orders.push((status, number)),
                            Counter::Accounts(_) | Counter::Visits(_) | Counter::DrugOrdersCreated => {}
                        }
                    }
                    Ok(tallies)
                }),
            )
            .await
    }

    async fn drug_orders_per_day(&self, from: NaiveDate) -> Result<Vec<(NaiveDate, u64)>, PortError> {
        self.engine
            .read(
                from,
                work!(|conn, from| {
                    let days =
                        totals::by_day(conn, &Counters::like(Counter::DrugOrdersCreated), *from).await?;
                    Ok(days.into_iter().map(|(day, _, count)| (day, count)).collect())
                }),
            )
            .await
    }
}
