//! Slices of lists of drug orders.

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::id::DrugOrderId;
use yilin_domain::list::{Slice, Total, Window};

use super::drug_orders::load;
use super::{Conn, Db};
use crate::error::QueryResult;
use crate::rows::StoredCode as _;
use crate::schema::drug_order;
use crate::slices::{EXAMINED, Found, Reach, Walk, Way};

sliced_list!(drug_order, DrugOrderFilter, Path, DrugOrderDetails, DrugOrderId);

/// A range of an index, in id order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Path {
    All,
    Status(DrugOrderStatus),
    Patient(AccountUuid),
    Physician(AccountUuid),
}

/// The paths to follow: together they hold every order that meets the filter.
#[expect(clippy::unused_async, reason = "other lists look into the tables")]
async fn paths(_conn: &mut Conn, filter: &DrugOrderFilter) -> QueryResult<Vec<Path>> {
    Ok(match filter.party {
        DrugOrderParty::Patient(patient) => vec![Path::Patient(patient)],
        DrugOrderParty::Physician(physician) => vec![Path::Physician(physician)],
        DrugOrderParty::Anyone if filter.statuses.is_all() => vec![Path::All],
        DrugOrderParty::Anyone => filter.statuses.as_slice().iter().copied().map(Path::Status).collect(),
    })
}

/// Those of the rows that are on the path.
fn along<'a>(rows: drug_order::BoxedQuery<'a, Db>, path: &'a Path) -> drug_order::BoxedQuery<'a, Db> {
    match path {
        Path::All => rows,
        Path::Status(status) => rows.filter(drug_order::status.eq(status.code())),
        Path::Patient(uuid) => rows.filter(drug_order::patient_uuid.eq(uuid.to_string())),
        Path::Physician(uuid) => rows.filter(drug_order::physician_uuid.eq(uuid.to_string())),
    }
}

fn is_in_id_order(path: &Path) -> bool {
    match path {
        Path::All | Path::Status(_) | Path::Patient(_) | Path::Physician(_) => true,
    }
}

/// Every path's index has the status.
fn covers(_path: &Path, _filter: &DrugOrderFilter) -> bool {
    true
}

/// The orders of a path that meet the filter.
fn within<'a>(filter: &'a DrugOrderFilter, path: &'a Path) -> drug_order::BoxedQuery<'a, Db> {
    let mut rows = drug_order::table.into_boxed();
    if matches!(path, Path::Patient(_) | Path::Physician(_)) && !filter.statuses.is_all() {
        if filter.statuses.as_slice().is_empty() {
            // No id is negative, so nothing is found.
            rows = rows.filter(drug_order::id.lt(0));
        }
        for status in filter.statuses.as_slice() {
            rows = rows.or_filter((drug_order::status + 0_i16).eq(status.code()));
        }
    }
    along(rows, path)
}

async fn load_ids(conn: &mut Conn, ids: Vec<i64>) -> QueryResult<Vec<DrugOrderDetails>> {
    let rows = with_ids!(drug_order, ids);
    load(conn, rows.order(drug_order::id.desc())).await
}
