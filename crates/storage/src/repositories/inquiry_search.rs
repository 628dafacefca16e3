//! Searches for inquiries by a part of a party's name: first the people are found, then their inquiries.

use diesel::{ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::Role;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetails, InquiryFilter};
use yilin_domain::list::{Page, PageRequest};

use super::inquiries::{filtered, load};
use super::{Conn, Db, name_parts};
use crate::error::QueryResult;
use crate::rows::{StoredCode as _, counted};
use crate::schema::{account, account_name_part, inquiry, position_in};
use crate::slices::EXAMINED;

/// A search by the name of a party.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    /// The party's role: patient or physician.
    pub(super) role: Role,
    /// What its name contains.
    pub(super) text: &'a str,
}

impl<'a> Named<'a> {
    /// The inquiries of these people that meet the filter, by the people's index.
    fn by_people(self, filter: &'a InquiryFilter) -> inquiry::BoxedQuery<'a, Db> {
        let (first, beyond) = name_parts::range(self.text);
        let people = account_name_part::table
            .inner_join(account::table.on(account::id.eq(account_name_part::account_id)))
            .filter(account_name_part::role.eq(self.role.code()))
            .filter(account_name_part::part.ge(first))
            .filter(account_name_part::part.lt(beyond));
        match self.role {
            Role::Physician => filtered(filter)
                .filter(inquiry::physician_uuid.eq_any(people.select(account::uuid.nullable()))),
            Role::Patient | Role::Admin => {
                filtered(filter).filter(inquiry::patient_uuid.eq_any(people.select(account::uuid)))
            }
        }
    }

    /// The same inquiries, found by reading all in id order.
    fn by_walking(self, filter: &'a InquiryFilter) -> inquiry::BoxedQuery<'a, Db> {
        match self.role {
            Role::Physician => {
                filtered(filter).filter(position_in(inquiry::physician_username, self.text).gt(0))
            }
            Role::Patient | Role::Admin => {
                filtered(filter).filter(position_in(inquiry::patient_username.nullable(), self.text).gt(0))
            }
        }
    }

    async fn total(self, conn: &mut Conn, filter: &InquiryFilter) -> QueryResult<u64> {
        Ok(counted(self.by_people(filter).count().get_result(conn).await?))
    }

    /// One page, newest first.
    pub(super) async fn page(
        self,
        conn: &mut Conn,
        filter: &InquiryFilter,
        page: PageRequest,
    ) -> QueryResult<Page<InquiryDetails>> {
        let total = self.total(conn, filter).await?;
        let items = match i64::try_from(page.offset()) {
            Ok(offset) if page.offset() < total => {
                self.items(conn, filter, None, total, offset, page.size).await?
            }
            _ => Vec::new(),
        };
        Ok(Page { total, items })
    }

    /// The next inquiries with an id below `before`, newest first.
    pub(super) async fn batch(
        self,
        conn: &mut Conn,
        filter: &InquiryFilter,
        before: Option<InquiryId>,
        limit: u16,
    ) -> QueryResult<Vec<InquiryDetails>> {
        let total = self.total(conn, filter).await?;
        self.items(conn, filter, before, total, 0, limit).await
    }

    /// Few inquiries are read by the people's index, and sorted: an expression rules out that the planner walks along all
    /// ids. Of many, enough are found soon along the ids.
    async fn items(
        self,
        conn: &mut Conn,
        filter: &InquiryFilter,
        before: Option<InquiryId>,
        total: u64,
        offset: i64,
        limit: u16,
    ) -> QueryResult<Vec<InquiryDetails>> {
        let are_few = total <= counted(EXAMINED);
        let mut rows = if are_few { self.by_people(filter) } else { self.by_walking(filter) };
        if let Some(before) = before {
            rows = rows.filter(inquiry::id.lt(before.0));
        }
        let rows =
            if are_few { rows.order((inquiry::id + 0_i64).desc()) } else { rows.order(inquiry::id.desc()) };
        let ids: Vec<i64> = rows.select(inquiry::id).offset(offset).limit(limit.into()).load(conn).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = with_ids!(inquiry, ids);
        load(conn, rows.order(inquiry::id.desc())).await
    }
}
