//! The hospital's steps: each a page of its own that says what will happen, and asks for what it needs.
//!
//! * `needs` is what each step says and asks for, `ask` its page.
//! * `take` takes the step; `overtaken` answers if somebody changed the visit meanwhile.

mod ask;
mod needs;
mod overtaken;
mod take;

use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::HospitalStep;
use yilin_web::input::Query;
use yilin_web::route::{Record, Route, get, post};

use self::needs::StepFields;
use super::physician_search::Search;
use super::visit::path as visit_path;
use crate::answer::PageResult;
use crate::console::Live;
use crate::form::Posted;
use crate::id::Id;

/// Declares the two routes of each step: its page, and its form.
macro_rules! steps {
    ($($step:ident $segment:literal $show:ident $show_name:literal $take:ident $take_name:literal;)*) => {
        pub(crate) fn routes() -> Vec<Route> {
            vec![$(
                get(concat!("/console/visits/{id}/", $segment), $show_name, $show)
                    .audited(Read, "inquiry", Record::Field("id")),
                post(concat!("/console/visits/{id}/", $segment), $take_name, $take)
                    .audited(Update, "inquiry", Record::Field("id")),
            )*]
        }

        /// The path of a step's page.
        pub(super) fn path(id: InquiryId, step: HospitalStep) -> String {
            let segment = match step {
                $(HospitalStep::$step => $segment,)*
            };
            format!("{}/{segment}", visit_path(id))
        }

        $(
            async fn $show(Live(console): Live, Id(id): Id<InquiryId>, Query(search): Query<Search>) -> PageResult {
                ask::show(&console, id, HospitalStep::$step, search).await
            }

            async fn $take(Id(id): Id<InquiryId>, posted: Posted<StepFields>) -> PageResult {
                take::take(id, posted, HospitalStep::$step).await
            }
        )*
    };
}

steps! {
    Appoint "appoint" show_appoint "consoleAppointPage" take_appoint "consoleAppoint";
    Reassign "reassign" show_reassign "consoleReassignPage" take_reassign "consoleReassign";
    Approve "approve" show_approve "consoleApprovePage" take_approve "consoleApprove";
    Return "return" show_return "consoleReturnPage" take_return "consoleReturn";
    Reschedule "reschedule" show_reschedule "consoleReschedulePage" take_reschedule "consoleReschedule";
    Cancel "cancel" show_cancel "consoleCancelPage" take_cancel "consoleCancel";
}
