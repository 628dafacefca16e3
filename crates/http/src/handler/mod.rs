//! One function per route: extract, call one use case, respond. Each module declares its routes.

mod account;
mod ai;
mod audit;
mod documentation;
mod drug;
mod event;
mod file;
mod inquiry;
mod medical;
mod mock;
mod operations;
mod roster;
mod session;
mod statistics;
mod visit;

use crate::route::Route;

/// Every route, in the order of the description.
pub(crate) fn routes() -> Vec<Route> {
    [
        session::routes(),
        account::routes(),
        inquiry::routes(),
        visit::routes(),
        medical::routes(),
        drug::routes(),
        event::routes(),
        file::routes(),
        roster::routes(),
        ai::routes(),
        audit::routes(),
        statistics::routes(),
        mock::routes(),
        operations::routes(),
        documentation::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
