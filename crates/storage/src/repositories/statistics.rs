//! Daily statistics of the hospital.

use async_trait::async_trait;
use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::port::{PortError, StatisticsRepository, Tallies, VisitCount};

use super::{Database, totals};
use crate::rows::{ColumnReader, counted};
use crate::schema::{drug_order, inquiry};
use crate::totals::Counter;

#[async_trait]
impl StatisticsRepository for Database {
    async fn visits_per_day(&self, from: NaiveDate) -> Result<Vec<VisitCount>, PortError> {
        self.engine
            .read(
                from,
                work!(|conn, from| {
                    let rows: Vec<(NaiveDate, i16, i64)> = inquiry::table
                        .filter(inquiry::appointment_day.ge(from))
                        .group_by((inquiry::appointment_day, inquiry::visit_type))
                        .select((inquiry::appointment_day, inquiry::visit_type, count_star()))
                        .order((inquiry::appointment_day, inquiry::visit_type))
                        .load(conn)
                        .await?;
                    let count = |(day, code, count)| {
                        let columns = ColumnReader::new("inquiry", format!("appointed for {day}"));
                        let visit_type = columns.code("visit_type", code)?;
                        Ok(VisitCount { day, visit_type, count: counted(count) })
                    };
                    rows.into_iter().map(count).collect()
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
                    let rows: Vec<(i16, i64)> = inquiry::table
                        .filter(inquiry::appointment_day.between(first, last))
                        .group_by(inquiry::status)
                        .select((inquiry::status, count_star()))
                        .load(conn)
                        .await?;
                    let columns = ColumnReader::new("inquiry", "of a kind");
                    let count = |(code, count)| Ok((columns.code("status", code)?, counted(count)));
                    rows.into_iter().map(count).collect()
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
                            Counter::Accounts(_) => {}
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
                    let rows: Vec<(NaiveDate, i64)> = drug_order::table
                        .filter(drug_order::created_on.ge(from))
                        .group_by(drug_order::created_on)
                        .select((drug_order::created_on, count_star()))
                        .order(drug_order::created_on)
                        .load(conn)
                        .await?;
                    Ok(rows.into_iter().map(|(day, count)| (day, counted(count))).collect())
                }),
            )
            .await
    }
}
