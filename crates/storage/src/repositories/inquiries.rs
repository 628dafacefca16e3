//! Inquiries and their history.

use async_trait::async_trait;
use chrono::{NaiveDateTime, SubsecRound as _};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, IntoSql as _, JoinOnDsl as _,
    NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::Role;
use yilin_domain::audit::Changed;
use yilin_domain::enumeration::StatusSet;
use yilin_domain::event::{EventType, NewEvent};
use yilin_domain::id::InquiryId;
use yilin_domain::idempotency::KeyUsed;
use yilin_domain::inquiry::{
    Inquiry, InquiryDetails, InquiryFilter, InquiryHistoryEntry, InquiryParty, InquiryStatus,
    InquiryTransition, ScheduleSpan, ScheduledVisit, Submission, Submitted,
};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{InquiryRepository, PortError};
use yilin_domain::transition::{Provenance, Stale};

use super::audit::outbox;
use super::inquiry_search::Named;
use super::{Conn, Database, Db, answers, events, totals};
use crate::error::{QueryError, QueryResult, ensure_current, is_unique_violation};
use crate::rows::{
    Counters, InquiryHistoryRow, InquiryRow, InquiryRows, NewDeltaRow, NewInquiryHistoryRow, NewInquiryRow,
    ScheduledVisitRow, StateColumns, StoredCode as _, inquiry_details, stored_time,
};
use crate::schema::{account, inquiry, inquiry_history, patient_account, physician_account};
use crate::statement::Unvarying;
use crate::totals::Counter;

/// The columns of a [`ScheduledVisitRow`].
macro_rules! scheduled_visit {
    () => {
        (
            (
                inquiry::id,
                inquiry::appointment_time,
                inquiry::status,
                inquiry::visit_type,
                inquiry::patient_uuid,
            ),
            patient_columns!(),
        )
    };
}
pub(super) use scheduled_visit;

/// Reads inquiries with their parties.
///
/// LEFT JOIN although the patient always exists: with an inner join the planner may start at the accounts, and sort.
macro_rules! load_details {
    ($conn:expr, $rows:expr) => {{
        let rows: Vec<InquiryRows> = $rows
            .left_join(patient_account.on(patient_account.field(account::uuid).eq(inquiry::patient_uuid)))
            .left_join(
                physician_account
                    .on(physician_account.field(account::uuid).nullable().eq(inquiry::physician_uuid)),
            )
            .select((
                InquiryRow::as_select(),
                patient_columns!(),
                physician_account.fields((account::username, account::sex, account::hospital)).nullable(),
            ))
            .load($conn)
            .await?;
        rows.into_iter().map(inquiry_details).collect::<Result<Vec<InquiryDetails>, _>>()?
    }};
}

paged_list!(inquiry, InquiryFilter, InquiryDetails, InquiryId);

#[async_trait]
impl InquiryRepository for Database {
    async fn create(&self, submission: Submission, provenance: Provenance) -> Result<Submitted, PortError> {
        self.engine
            .leaving(provenance.entry.clone())
            .write(
                (submission, provenance),
                work!(|conn, (submission, provenance)| {
                    let receipt = submission.receipt.as_ref();
                    if let Err(KeyUsed) = answers::claim(conn, receipt).await? {
                        return Ok(Submitted::KeyUsed);
                    }
                    let id = match insert(conn, submission, provenance).await? {
                        Inserted::New(id) => id,
                        Inserted::Repeated(earlier) => return Ok(Submitted::Repeated(*earlier)),
                    };
                    let at = provenance.at.trunc_subsecs(0);
                    let inquiry = Inquiry::submitted(id, submission.clone(), at);
                    append_history(conn, &inquiry, None, provenance).await?;
                    let submitted = NewEvent::about(&inquiry, EventType::InquirySubmitted, provenance.at);
                    events::record(conn, &submitted).await?;
                    let made = NewDeltaRow::of_record(Counter::Inquiries(inquiry.status()), id.0, 1);
                    totals::add(conn, [made, appointed(&inquiry, inquiry.appointment_time.local(), 1)])
                        .await?;
                    let changed = Changed::one("inquiry", id, Some(inquiry.patient));
                    outbox::leave(conn, provenance.entry.as_ref(), changed).await?;
                    let patient = submission.draft.patient.clone();
                    let details = InquiryDetails { inquiry, patient, physician: None };
                    answers::keep(conn, receipt, &details).await?;
                    Ok(Submitted::New(details))
                }),
            )
            .await
    }

    async fn find(&self, id: InquiryId) -> Result<Option<InquiryDetails>, PortError> {
        self.engine.read(id, work!(|conn, id| load_one(conn, *id).await)).await
    }

    async fn save(&self, transition: &InquiryTransition) -> Result<Result<(), Stale>, PortError> {
        self.engine
            .leaving(transition.provenance.entry.clone())
            .save(
                transition.clone(),
                work!(|conn, transition| {
                    advance(conn, transition).await?;
                    count_move(conn, transition).await?;
                    let inquiry = &transition.record;
                    let changed = Changed::one("inquiry", inquiry.id, Some(inquiry.patient));
                    outbox::leave(conn, transition.provenance.entry.as_ref(), changed).await
                }),
            )
            .await
    }

    async fn history(&self, id: InquiryId) -> Result<Vec<InquiryHistoryEntry>, PortError> {
        self.engine
            .read(
                id,
                work!(|conn, id| {
                    let rows: Vec<InquiryHistoryRow> = inquiry_history::table
                        .filter(inquiry_history::inquiry_id.eq(id.0))
                        .order(inquiry_history::version)
                        .select((
                            (
                                inquiry_history::inquiry_id,
                                inquiry_history::version,
                                inquiry_history::made_by,
                                inquiry_history::made_at,
                                inquiry_history::from_status,
                                inquiry_history::to_status,
                                inquiry_history::physician_uuid,
                                inquiry_history::reason,
                            ),
                            inquiry_history::appointment_time,
                        ))
                        .load(conn)
                        .await?;
                    Ok(rows.into_iter().map(InquiryHistoryEntry::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn schedule(&self, span: &ScheduleSpan) -> Result<Vec<ScheduledVisit>, PortError> {
        self.engine
            .read(
                *span,
                work!(|conn, span| {
                    let visits = inquiry::table
                        .left_join(
                            patient_account
                                .on(patient_account.field(account::uuid).eq(inquiry::patient_uuid)),
                        )
                        .filter(inquiry::physician_uuid.eq(span.physician.to_string()))
                        .filter(inquiry::appointment_time.ge(span.from))
                        .filter(inquiry::appointment_time.lt(span.until));
                    let rows: Vec<ScheduledVisitRow> = taking_place!(visits)
                        .order((inquiry::appointment_time, inquiry::id))
                        .select(scheduled_visit!())
                        .load(conn)
                        .await?;
                    Ok(rows.into_iter().map(ScheduledVisit::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn page(
        &self,
        filter: &InquiryFilter,
        page: PageRequest,
    ) -> Result<Page<InquiryDetails>, PortError> {
        let args = (filter.clone(), page);
        self.engine
            .read(
                args,
                work!(|conn, (filter, page)| match (named(filter), filter.due_before) {
                    (Some(named), _) => named.page(conn, filter, *page).await,
                    (None, Some(_)) => overdue_page(conn, filter, *page).await,
                    (None, None) => read_page(conn, filter, *page).await,
                }),
            )
            .await
    }

    async fn batch(
        &self,
        filter: &InquiryFilter,
        before: Option<InquiryId>,
        limit: u16,
    ) -> Result<Vec<InquiryDetails>, PortError> {
        let args = (filter.clone(), before, limit);
        self.engine
            .read_many(
                args,
                work!(|conn, (filter, before, limit)| match (named(filter), filter.due_before) {
                    (Some(named), _) => named.batch(conn, filter, *before, *limit).await,
                    (None, Some(_)) => overdue_batch(conn, filter, *before, 0, *limit).await,
                    (None, None) => read_batch(conn, filter, *before, *limit).await,
                }),
            )
            .await
    }
}

/// What became of a submission.
enum Inserted {
    New(InquiryId),
    /// It repeats this one.
    Repeated(Box<InquiryDetails>),
}

/// Stores the inquiry, unless the submission repeats one.
async fn insert(conn: &mut Conn, submission: &Submission, provenance: &Provenance) -> QueryResult<Inserted> {
    let row = NewInquiryRow::new(submission, provenance.at);
    match insert_for_id!(conn, inquiry::table, row) {
        Ok(id) => return Ok(Inserted::New(InquiryId(id))),
        Err(error) if is_unique_violation(&error) && submission.repetition.is_some() => {}
        Err(error) => return Err(error.into()),
    }
    let digest = submission.repetition.as_ref().map(|digest| digest.as_bytes().as_slice());
    let equal = || {
        inquiry::table
            .filter(inquiry::patient_uuid.eq(submission.draft.patient.uuid.to_string()))
            .filter(inquiry::repetition.eq(digest))
    };
    // Its status may have changed since the insert found it; then the next attempt stores a new one.
    let earlier = load(conn, equal().into_boxed()).await?.pop().ok_or(QueryError::Retry)?;
    if submission.repeats(&earlier.inquiry, provenance.at) {
        return Ok(Inserted::Repeated(Box::new(earlier)));
    }
    diesel::update(equal()).set(inquiry::repetition.eq(None::<Vec<u8>>)).execute(conn).await?;
    let row = NewInquiryRow::new(submission, provenance.at);
    match insert_for_id!(conn, inquiry::table, row) {
        Ok(id) => Ok(Inserted::New(InquiryId(id))),
        Err(error) if is_unique_violation(&error) => Err(QueryError::Retry),
        Err(error) => Err(error.into()),
    }
}

/// Stores the transition, its history entry and its event; the caller updates the totals.
pub(super) async fn advance(conn: &mut Conn, transition: &InquiryTransition) -> QueryResult<()> {
    let record = &transition.record;
    let physician = record.physician().map(|uuid| uuid.to_string());
    let name = account::table
        .filter(account::uuid.nullable().eq(&physician))
        .select(account::username)
        .single_value();
    let stored = inquiry::table
        .filter(inquiry::id.eq(record.id.0))
        .filter(inquiry::version.eq(transition.based_on.0))
        .filter(nobody_or_active!(transition.assigned()));
    let change = diesel::update(stored).set((
        inquiry::version.eq(record.version.0),
        StateColumns::new(&record.state),
        inquiry::physician_uuid.eq(&physician),
        inquiry::physician_username.eq(name),
        inquiry::appointment_time.eq(record.appointment_time.local()),
        inquiry::due_at.eq(record.due_at.map(stored_time)),
        inquiry::repetition.eq(None::<Vec<u8>>),
        inquiry::updated_at.eq(stored_time(record.updated_at)),
    ));
    ensure_current(Unvarying(change).execute(conn).await?)?;
    append_history(conn, record, Some(transition.from), &transition.provenance).await?;
    events::record_announced(conn, transition.announcement()).await
}

/// Updates the totals for the transition.
pub(super) async fn count_move(conn: &mut Conn, transition: &InquiryTransition) -> QueryResult<()> {
    let mut changes = moved(transition);
    // No other transition changes the time.
    if transition.event == Some(EventType::InquiryRescheduled) {
        let record = &transition.record;
        let before: NaiveDateTime = inquiry_history::table
            .filter(inquiry_history::inquiry_id.eq(record.id.0))
            .filter(inquiry_history::version.eq(transition.based_on.0))
            .select(inquiry_history::appointment_time)
            .get_result(conn)
            .await?;
        changes.push(appointed(record, before, -1));
        changes.push(appointed(record, record.appointment_time.local(), 1));
    }
    totals::add(conn, changes).await
}

/// The changes of the numbers by status.
pub(super) fn moved(transition: &InquiryTransition) -> Vec<NewDeltaRow> {
    let (from, to) = (Counter::Inquiries(transition.from), Counter::Inquiries(transition.record.status()));
    if from == to { Vec::new() } else { NewDeltaRow::moved(from, to, transition.record.id.0).to_vec() }
}

/// A change of the number of visits on the day of this time.
fn appointed(inquiry: &Inquiry, time: NaiveDateTime, n: i64) -> NewDeltaRow {
    NewDeltaRow::on_day(Counter::Visits(inquiry.visit_type), time.date(), n)
}

async fn append_history(
    conn: &mut Conn,
    inquiry: &Inquiry,
    from: Option<InquiryStatus>,
    provenance: &Provenance,
) -> QueryResult<()> {
    let entry = NewInquiryHistoryRow::new(inquiry, from, provenance);
    insert_at_commit!(conn, inquiry_history::table, [entry])?;
    Ok(())
}

/// The search by name that the filter asks for.
fn named(filter: &InquiryFilter) -> Option<Named<'_>> {
    match &filter.party {
        InquiryParty::PatientNamed(text) => Some(Named { role: Role::Patient, text }),
        InquiryParty::PhysicianNamed(text) => Some(Named { role: Role::Physician, text }),
        InquiryParty::Anyone | InquiryParty::Patient(_) | InquiryParty::Physician(_) => None,
    }
}

/// Each combination used by clients follows one index in id order. The party's name is left to [`Named`].
pub(in super::super) fn filtered(filter: &InquiryFilter) -> inquiry::BoxedQuery<'_, Db> {
    let is_of_one = matches!(filter.party, InquiryParty::Patient(_) | InquiryParty::Physician(_));
    let rows = if is_of_all_ended(filter) {
        inquiry::table.filter(inquiry::ended.eq(true)).into_boxed()
    } else {
        in_statuses!(inquiry, filter.statuses, is_of_one)
    };
    let rows = match filter.due_before {
        Some(time) => rows.filter(inquiry::due_at.lt(stored_time(time))),
        None => rows,
    };
    match &filter.party {
        InquiryParty::Anyone | InquiryParty::PatientNamed(_) | InquiryParty::PhysicianNamed(_) => rows,
        InquiryParty::Patient(uuid) => rows.filter(inquiry::patient_uuid.eq(uuid.to_string())),
        InquiryParty::Physician(uuid) => rows.filter(inquiry::physician_uuid.eq(uuid.to_string())),
    }
}

/// One page of overdue inquiries.
async fn overdue_page(
    conn: &mut Conn,
    filter: &InquiryFilter,
    page: PageRequest,
) -> QueryResult<Page<InquiryDetails>> {
    let total = total(conn, filter).await?;
    let items = match i64::try_from(page.offset()) {
        Ok(offset) if page.offset() < total => overdue_batch(conn, filter, None, offset, page.size).await?,
        _ => Vec::new(),
    };
    Ok(Page { total, items })
}

/// Overdue inquiries, by the deadline index: only that range is read and sorted. Ordered by id alone, the planner
/// would scan all inquiries to find the first few; an expression rules out that index.
async fn overdue_batch(
    conn: &mut Conn,
    filter: &InquiryFilter,
    before: Option<InquiryId>,
    offset: i64,
    limit: u16,
) -> QueryResult<Vec<InquiryDetails>> {
    let mut rows = filtered(filter);
    if let Some(before) = before {
        rows = rows.filter(inquiry::id.lt(before.0));
    }
    let ids: Vec<i64> = rows
        .select(inquiry::id)
        .order((inquiry::id + 0_i64).desc())
        .offset(offset)
        .limit(limit.into())
        .load(conn)
        .await?;
    let rows = with_ids!(inquiry, ids);
    load(conn, rows.order(inquiry::id.desc())).await
}

/// The only list of several statuses with its own index. The column is the SQL equivalent of
/// [`InquiryStatus::has_ended`]; the contract's list tests verify that they agree.
fn is_of_all_ended(filter: &InquiryFilter) -> bool {
    filter.party == InquiryParty::Anyone && filter.statuses == StatusSet::matching(InquiryStatus::has_ended)
}

fn counters(filter: &InquiryFilter) -> Option<Counters> {
    let is_stored = filter.party == InquiryParty::Anyone && filter.due_before.is_none();
    Counters::of(Counter::Inquiries, &filter.statuses).filter(|_| is_stored)
}

/// The inquiry with this id. Not boxed: of a constant statement Diesel finds the prepared one without writing its text.
async fn load_one(conn: &mut Conn, id: InquiryId) -> QueryResult<Option<InquiryDetails>> {
    Ok(load_details!(conn, inquiry::table.filter(inquiry::id.eq(id.0))).pop())
}

pub(super) async fn load(
    conn: &mut Conn,
    rows: inquiry::BoxedQuery<'_, Db>,
) -> QueryResult<Vec<InquiryDetails>> {
    Ok(load_details!(conn, rows))
}
