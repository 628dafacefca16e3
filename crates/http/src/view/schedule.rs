//! A physician's schedule.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::inquiry::ScheduledVisit;
use yilin_domain::time::HospitalTime;
use yilin_web::audit::{Discloses, Disclosure};

use super::inquiry::PatientView;
use super::wire::{Wire, WireInquiryStatus, WireVisitType};

/// A physician's visits in time order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PhysicianSchedule)]
pub(crate) struct ScheduleView {
    list: Vec<ScheduledVisitView>,
}

/// A visit in a physician's schedule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduledVisit)]
struct ScheduledVisitView {
    /// The inquiry's id.
    id: i64,
    /// `YYYY-MM-DD HH:MM` in the hospital's time zone.
    #[schema(example = "2024-10-02 20:30")]
    appointment_time: String,
    /// Never `cancelled`.
    status: WireInquiryStatus,
    #[serde(rename = "type")]
    visit_type: WireVisitType,
    patient: PatientView,
}

impl ScheduleView {
    pub(crate) fn new(visits: &[ScheduledVisit], time: HospitalTime) -> Self {
        let visit = |visit: &ScheduledVisit| ScheduledVisitView {
            id: visit.id.0,
            appointment_time: visit.appointment_time.to_string(),
            status: Wire(visit.status),
            visit_type: Wire(visit.visit_type),
            patient: PatientView::new(&visit.patient, time),
        };
        Self { list: visits.iter().map(visit).collect() }
    }
}

impl Discloses for ScheduledVisitView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("inquiry", &self.id, self.patient.uuid.0)
    }
}

impl Discloses for ScheduleView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_all(self.list.iter())
    }
}
