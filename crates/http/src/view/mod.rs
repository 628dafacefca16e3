//! Response objects: one type per object of the interface, built from domain values.

mod account;
mod audit;
mod drug_order;
mod event;
mod hand_over;
mod history;
mod inquiry;
mod medical_record;
mod mock;
mod readiness;
mod roster;
mod schedule;
mod statistics;
mod turn;
mod wire;

pub(crate) use account::{AccountView, LoggedInView, PhysicianEntry};
pub(crate) use audit::{AccessView, AuditView};
pub(crate) use drug_order::DrugOrderView;
pub(crate) use event::EventView;
pub use event::event_json;
pub(crate) use hand_over::HandedOverView;
pub(crate) use history::{DrugOrderHistoryView, InquiryHistoryView};
pub(crate) use inquiry::InquiryView;
pub(crate) use medical_record::MedicalRecordView;
pub(crate) use mock::{FlowReportView, GeneratedAccountsView};
pub(crate) use readiness::ReadinessView;
pub(crate) use roster::{ImportJobView, ImportReportView};
pub(crate) use schedule::ScheduleView;
pub(crate) use statistics::{DrugOrdersByDayView, VisitsByDayView};
pub(crate) use turn::TurnView;
