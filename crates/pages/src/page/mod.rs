//! The pages. Each module has the routes, handlers and views of one page, or of a few that belong together.

mod audit;
mod audit_export;
mod changed;
mod drug_order;
mod drug_orders;
mod drug_receipt;
mod events;
mod import;
#[cfg(debug_assertions)]
mod kitchen;
pub(crate) mod language;
pub(crate) mod log_in;
mod of_person;
mod overview;
mod password;
mod password_fields;
mod past;
mod people;
mod people_duplicates;
mod person;
mod person_edit;
mod person_facts;
mod person_fields;
mod person_hand_over;
mod person_new;
mod person_password;
mod person_standing;
mod physician_search;
mod resume;
mod service;
mod told;
mod under_way;
mod verification;
mod visit;
mod visit_new;
mod visit_record;
mod visit_row;
mod visit_step;
mod visits;
mod visits_export;

use std::sync::LazyLock;

use yilin_web::route::Route;

use crate::assets;

/// Every route.
static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    #[cfg_attr(not(debug_assertions), expect(unused_mut, reason = "nothing is added"))]
    let mut routes: Vec<Route> = [
        assets::routes(),
        language::routes(),
        log_in::routes(),
        password::routes(),
        events::routes(),
        overview::routes(),
        people::routes(),
        // Before the person, whose path has a segment for any uuid.
        person_new::routes(),
        people_duplicates::routes(),
        person::routes(),
        person_edit::routes(),
        person_password::routes(),
        person_standing::routes(),
        person_hand_over::routes(),
        visits::routes(),
        visits_export::routes(),
        // Before the visit, whose path has a segment for any id.
        visit_new::routes(),
        visit::routes(),
        visit_record::routes(),
        visit_step::routes(),
        drug_orders::routes(),
        drug_order::routes(),
        drug_receipt::routes(),
        import::routes(),
        service::routes(),
        audit::routes(),
        audit_export::routes(),
        verification::routes(),
    ]
    .into_iter()
    .flatten()
    .collect();
    #[cfg(debug_assertions)]
    routes.extend(kitchen::routes());
    routes
});

/// Every route.
pub(crate) fn all() -> &'static [Route] {
    &ROUTES
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use yilin_web::route::{Audit, Record};

    use super::*;

    #[test]
    fn paths_and_operations_are_declared_once_in_all_adapters() {
        let (mut targets, mut operations) = (HashSet::new(), HashSet::new());
        for route in all().iter().chain(yilin_http::adapter().routes) {
            assert!(targets.insert((&route.method, route.path)), "{}", route.path);
            assert!(operations.insert(route.operation), "{}", route.operation);
        }
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
