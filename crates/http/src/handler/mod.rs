//! One function per route: extract, call one use case, respond. Each module declares its routes.

use yilin_web::route::Route;

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

use std::sync::LazyLock;

/// Every route, in the order of the description.
static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(routes);

/// Every route, in the order of the description.
pub(crate) fn all() -> &'static [Route] {
    &ROUTES
}

fn routes() -> Vec<Route> {
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use yilin_web::route::{Audit, Record};

    use super::*;

    #[test]
    fn paths_and_operations_are_declared_once() {
        let (mut targets, mut operations) = (HashSet::new(), HashSet::new());
        for route in all() {
            assert!(targets.insert((&route.method, route.path)), "{}", route.path);
            assert!(operations.insert(route.operation), "{}", route.operation);
        }
        assert!(all().len() > 50);
    }

    #[test]
    fn audited_records_are_identified_by_existing_fields() {
        for route in all() {
            if let Audit::Audited { record: Record::Field(name), .. } = route.audit {
                assert!(route.input.has_field(name), "{} has no {name}", route.operation);
            }
        }
    }
}
