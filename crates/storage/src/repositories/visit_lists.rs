//! The hospital's lists of visits.
//!
//! A list by several criteria follows the index of one of them and examines a bounded number of its rows by the others.
//! Which one is decided by how many records each has, so that the planner has no choice: the other criteria are written so
//! that no index is used for them.

use std::ops::Range;

use async_trait::async_trait;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, OptionalExtension as _,
    QueryDsl as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{AccountUuid, Role};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{
    DayRange, Deadlines, InquiryDetails, InquiryStatus, PatientCriterion, ScheduledVisit, VisitFilter,
};
use yilin_domain::list::{Slice, Total, Window};
use yilin_domain::port::{PortError, VisitListRepository};
use yilin_domain::time::Timestamp;

use super::inquiries::{load, scheduled_visit};
use super::{Conn, Database, Db, name_parts, totals};
use crate::error::{Corrupt, QueryResult};
use crate::rows::{ColumnReader, Counters, ScheduledVisitRow, StoredCode as _, stored_time};
use crate::schema::{account, inquiry, patient_account, position_in, unindexed_day, unindexed_time};
use crate::slices::{EXAMINED, Found, Reach, SORTED, Walk, Way};
use crate::totals::Counter;

sliced_list!(inquiry, VisitFilter, Path, InquiryDetails, InquiryId);

/// Maximum number of days whose visits are merged.
const DAYS: i64 = 31;

/// Maximum number of patients whose visits are sorted.
const PATIENTS: u16 = 200;

/// A range of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Path {
    All,
    Status(InquiryStatus),
    Day(NaiveDate),
    Physician(AccountUuid),
    Patient(AccountUuid),
    /// Not in id order.
    Patients(Vec<String>),
    /// Not in id order.
    Overdue(Timestamp),
    /// Not in id order.
    PhysicianInDays(AccountUuid, DayRange),
    /// Not in id order.
    Days(DayRange),
}

#[async_trait]
impl VisitListRepository for Database {
    async fn slice(
        &self,
        filter: &VisitFilter,
        window: Window<InquiryId>,
        limit: u16,
    ) -> Result<Slice<InquiryDetails, InquiryId>, PortError> {
        let args = (filter.clone(), window, limit);
        self.engine
            .read(
                args,
                work!(|conn, (filter, window, limit)| read_slice(conn, filter, *window, *limit).await),
            )
            .await
    }

    async fn total(&self, filter: &VisitFilter) -> Result<Total, PortError> {
        self.engine
            .read(
                filter.clone(),
                work!(|conn, filter| {
                    if filter.is_of_statuses_only() {
                        return Ok(Total::Exactly(of_statuses(conn, &filter.statuses).await?));
                    }
                    match equivalent(filter) {
                        Some(path) => number_on(conn, &path).await,
                        None => counted_total(conn, filter).await,
                    }
                }),
            )
            .await
    }

    async fn on_day(&self, day: NaiveDate, limit: u16) -> Result<Vec<InquiryDetails>, PortError> {
        self.engine
            .read(
                (day, limit),
                work!(|conn, (day, limit)| {
                    let visits = inquiry::table.filter(inquiry::appointment_day.eq(day));
                    let rows = taking_place!(visits)
                        .order((inquiry::appointment_time, inquiry::id))
                        .limit((*limit).into());
                    load(conn, rows).await
                }),
            )
            .await
    }

    async fn schedules(
        &self,
        physicians: &[AccountUuid],
        span: Range<NaiveDateTime>,
    ) -> Result<Vec<(AccountUuid, ScheduledVisit)>, PortError> {
        if physicians.is_empty() {
            return Ok(Vec::new());
        }
        self.engine
            .read(
                (physicians.to_vec(), span),
                work!(|conn, (physicians, span)| {
                    let physicians = physicians.iter().map(ToString::to_string);
                    let visits = inquiry::table
                        .left_join(
                            patient_account
                                .on(patient_account.field(account::uuid).eq(inquiry::patient_uuid)),
                        )
                        .filter(inquiry::physician_uuid.eq_any(physicians))
                        .filter(inquiry::appointment_time.ge(span.start))
                        .filter(inquiry::appointment_time.lt(span.end));
                    let rows: Vec<(Option<String>, ScheduledVisitRow)> = taking_place!(visits)
                        .select((inquiry::physician_uuid, scheduled_visit!()))
                        .load(conn)
                        .await?;
                    let mut visits = rows.into_iter().map(of_physician).collect::<Result<Vec<_>, _>>()?;
                    visits.sort_by_key(|(_, visit)| (visit.appointment_time, visit.id));
                    Ok(visits)
                }),
            )
            .await
    }
}

fn of_physician(
    (physician, row): (Option<String>, ScheduledVisitRow),
) -> Result<(AccountUuid, ScheduledVisit), Corrupt> {
    let visit = ScheduledVisit::try_from(row)?;
    let columns = ColumnReader::new("inquiry", visit.id);
    let physician = columns.uuid_or_none("physician_uuid", physician.as_deref())?;
    Ok((columns.present("physician_uuid", physician)?, visit))
}

/// The paths to follow: together they hold every visit that meets the filter.
async fn paths(conn: &mut Conn, filter: &VisitFilter) -> QueryResult<Vec<Path>> {
    if filter.statuses.as_slice().is_empty() {
        return Ok(Vec::new());
    }
    match &filter.patient {
        Some(PatientCriterion::Is(patient)) => return Ok(vec![Path::Patient(*patient)]),
        Some(PatientCriterion::Named(text)) => {
            if let Some(paths) = of_few_named(conn, text).await? {
                return Ok(paths);
            }
        }
        None => {}
    }
    if let Some(now) = filter.due_before {
        let path = Path::Overdue(now);
        if is_short(conn, &path).await? {
            return Ok(vec![path]);
        }
    }
    if let (Some(physician), false) = (filter.physician, filter.days.is_all()) {
        let path = Path::PhysicianInDays(physician, filter.days);
        if is_short(conn, &path).await? {
            return Ok(vec![path]);
        }
    }
    let statuses = statuses_of(filter);
    let are_few = !statuses.is_all() && of_statuses(conn, &statuses).await? <= SORTED.into();
    if are_few {
        return Ok(along_statuses(&statuses));
    }
    if let Some(physician) = filter.physician {
        return Ok(vec![Path::Physician(physician)]);
    }
    if !filter.days.is_all() {
        let of_days = VisitFilter { days: filter.days, ..VisitFilter::all() };
        let days = few_days(filter.days);
        if let Some(days) = days.filter(|_| *filter == of_days) {
            return Ok(days);
        }
        let path = Path::Days(filter.days);
        if is_within(conn, &path, EXAMINED).await? {
            return Ok(vec![path]);
        }
        if let Some(days) = few_days(filter.days) {
            return Ok(days);
        }
    }
    Ok(if statuses.is_all() { vec![Path::All] } else { along_statuses(&statuses) })
}

/// The path that holds exactly the visits that meet the filter, if it is a range of an index that has no order by id.
fn equivalent(filter: &VisitFilter) -> Option<Path> {
    let all = VisitFilter::all();
    if let Some(now) = filter.due_before
        && *filter == (VisitFilter { due_before: filter.due_before, ..all.clone() })
    {
        return Some(Path::Overdue(now));
    }
    let path = match filter.physician {
        Some(physician) if !filter.days.is_all() => Path::PhysicianInDays(physician, filter.days),
        _ => Path::Days(filter.days),
    };
    let of_path = VisitFilter { physician: filter.physician, days: filter.days, ..all };
    (*filter == of_path && !filter.days.is_all()).then_some(path)
}

/// The number of records on a path, as far as it is counted: inside the index, without the records.
async fn number_on(conn: &mut Conn, path: &Path) -> QueryResult<Total> {
    let most = i64::from(Total::COUNTED);
    let ids: Vec<i64> =
        along(inquiry::table.into_boxed(), path).select(inquiry::id).limit(most + 1).load(conn).await?;
    let number = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    Ok(Total::counted(number.min(Total::COUNTED.into()), number > u64::from(Total::COUNTED)))
}

/// Whether a path holds only a few records, so that they can be sorted.
async fn is_short(conn: &mut Conn, path: &Path) -> QueryResult<bool> {
    is_within(conn, path, SORTED.into()).await
}

/// Whether a path holds at most this many records.
async fn is_within(conn: &mut Conn, path: &Path, most: i64) -> QueryResult<bool> {
    let rows = along(inquiry::table.into_boxed(), path).select(inquiry::id);
    let further = rows.offset(most).limit(1).get_result::<i64>(conn).await.optional()?;
    Ok(further.is_none())
}

/// The statuses in which a visit can meet the filter.
fn statuses_of(filter: &VisitFilter) -> StatusSet<InquiryStatus> {
    match filter.due_before {
        Some(_) => {
            StatusSet::matching(|status| filter.statuses.contains(status) && Deadlines::may_apply_to(status))
        }
        None => filter.statuses.clone(),
    }
}

fn along_statuses(statuses: &StatusSet<InquiryStatus>) -> Vec<Path> {
    statuses.as_slice().iter().copied().map(Path::Status).collect()
}

/// The days of a short range.
fn few_days(days: DayRange) -> Option<Vec<Path>> {
    let (first, last) = (days.first?, days.last?);
    let few = (last - first).num_days() < DAYS;
    few.then(|| first.iter_days().take_while(|day| *day <= last).map(Path::Day).collect())
}

/// The patients whose name contains the text, if they and their visits are few.
async fn of_few_named(conn: &mut Conn, text: &str) -> QueryResult<Option<Vec<Path>>> {
    let Some(patients) = name_parts::uuids(conn, Role::Patient, text, PATIENTS).await? else {
        return Ok(None);
    };
    if patients.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let path = Path::Patients(patients);
    Ok(is_short(conn, &path).await?.then(|| vec![path]))
}

async fn of_statuses(conn: &mut Conn, statuses: &StatusSet<InquiryStatus>) -> QueryResult<u64> {
    match Counters::of(Counter::Inquiries, statuses) {
        Some(counters) => totals::sum(conn, &counters).await,
        None => Ok(0),
    }
}

/// Those of the rows that are on the path.
fn along<'a>(rows: inquiry::BoxedQuery<'a, Db>, path: &'a Path) -> inquiry::BoxedQuery<'a, Db> {
    match path {
        Path::All => rows,
        Path::Status(status) => rows.filter(inquiry::status.eq(status.code())),
        Path::Day(day) => rows.filter(inquiry::appointment_day.eq(day)),
        Path::Physician(uuid) => rows.filter(inquiry::physician_uuid.eq(uuid.to_string())),
        Path::Patient(uuid) => rows.filter(inquiry::patient_uuid.eq(uuid.to_string())),
        Path::Patients(uuids) => rows.filter(inquiry::patient_uuid.eq_any(uuids)),
        Path::Overdue(now) => rows.filter(inquiry::due_at.lt(stored_time(*now))),
        Path::Days(days) => {
            let mut rows = rows;
            if let Some(first) = days.first {
                rows = rows.filter(inquiry::appointment_day.ge(first));
            }
            match days.last {
                Some(last) => rows.filter(inquiry::appointment_day.le(last)),
                None => rows,
            }
        }
        Path::PhysicianInDays(uuid, days) => {
            let mut rows = rows.filter(inquiry::physician_uuid.eq(uuid.to_string()));
            if let Some(first) = days.first {
                rows = rows.filter(inquiry::appointment_time.ge(NaiveDateTime::from(first)));
            }
            match days.last.and_then(|last| last.succ_opt()) {
                Some(next) => rows.filter(inquiry::appointment_time.lt(NaiveDateTime::from(next))),
                None => rows,
            }
        }
    }
}

fn is_in_id_order(path: &Path) -> bool {
    match path {
        Path::All | Path::Status(_) | Path::Day(_) | Path::Physician(_) | Path::Patient(_) => true,
        Path::Patients(_) | Path::Overdue(_) | Path::PhysicianInDays(..) | Path::Days(_) => false,
    }
}

/// Whether the path is short, or every visit on it meets the filter, by its index alone.
fn covers(path: &Path, filter: &VisitFilter) -> bool {
    let all = VisitFilter::all();
    let rest = match path {
        Path::All => filter.clone(),
        Path::Status(_) => VisitFilter { statuses: all.statuses, ..filter.clone() },
        // Its index has the status.
        Path::Physician(_) => VisitFilter { physician: None, statuses: all.statuses, ..filter.clone() },
        Path::Patient(_) => VisitFilter { patient: None, statuses: all.statuses, ..filter.clone() },
        Path::Day(_) => VisitFilter { days: all.days, ..filter.clone() },
        Path::Patients(_) | Path::Overdue(_) | Path::PhysicianInDays(..) | Path::Days(_) => return true,
    };
    rest == VisitFilter::all()
}

/// The visits of a path that meet the filter. Criteria that the path does not fulfil are written so that no index is used
/// for them.
fn within<'a>(filter: &'a VisitFilter, path: &'a Path) -> inquiry::BoxedQuery<'a, Db> {
    let mut rows = inquiry::table.into_boxed();
    // First, because they are alternatives.
    if !filter.statuses.is_all() && !matches!(path, Path::Status(_)) {
        for status in filter.statuses.as_slice() {
            rows = rows.or_filter((inquiry::status + 0_i16).eq(status.code()));
        }
    }
    rows = along(rows, path);
    if let Some(now) = filter.due_before
        && !matches!(path, Path::Overdue(_))
    {
        rows = rows.filter(unindexed_time(inquiry::due_at, inquiry::due_at).lt(stored_time(now)));
    }
    if !matches!(path, Path::Day(_) | Path::Days(_) | Path::PhysicianInDays(..)) {
        let day = unindexed_day(inquiry::appointment_day, inquiry::appointment_day);
        if let Some(first) = filter.days.first {
            rows = rows.filter(day.ge(first));
        }
        if let Some(last) = filter.days.last {
            rows = rows.filter(day.le(last));
        }
    }
    if let Some(physician) = filter.physician
        && !matches!(path, Path::Physician(_) | Path::PhysicianInDays(..))
    {
        rows = rows.filter(position_in(inquiry::physician_uuid, physician.to_string()).gt(0));
    }
    match &filter.patient {
        Some(PatientCriterion::Named(text)) if !matches!(path, Path::Patients(_)) => {
            rows.filter(position_in(inquiry::patient_username.nullable(), text).gt(0))
        }
        // The path is this patient's.
        Some(PatientCriterion::Is(_) | PatientCriterion::Named(_)) | None => rows,
    }
}

async fn load_ids(conn: &mut Conn, ids: Vec<i64>) -> QueryResult<Vec<InquiryDetails>> {
    let rows = with_ids!(inquiry, ids);
    load(conn, rows.order(inquiry::id.desc())).await
}
