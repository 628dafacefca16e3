//! Whom to appoint: physicians with their visits of a day.

use chrono::{Days, NaiveTime};

use super::Inquiries;
use crate::account::{AccountUuid, Actor, PeopleFilter, Role};
use crate::error::Error;
use crate::id::InquiryId;
use crate::inquiry::{Clash, PhysicianSummary, ScheduleSpan, ScheduledVisit};
use crate::list::Window;
use crate::time::AppointmentTime;

/// A visit that needs a physician.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedVisit {
    /// When it is to take place.
    pub time: AppointmentTime,
    /// The inquiry, which does not clash with itself.
    pub inquiry: Option<InquiryId>,
}

/// A physician who can be appointed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhysicianDay {
    /// The physician.
    pub physician: PhysicianSummary,
    /// The physician's visits on the day, in the order of time.
    pub visits: Vec<ScheduledVisit>,
    /// Those too close to the wanted time, perhaps on the day before or after.
    pub clashes: Vec<Clash>,
}

/// The physicians found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhysiciansOfDay {
    /// Physicians who can be appointed, the most recently created first.
    pub physicians: Vec<PhysicianDay>,
    /// Whether there are more: then a more precise search finds them.
    pub has_more: bool,
}

impl Inquiries {
    /// Maximum number of physicians found at once.
    pub const PHYSICIANS: u16 = 20;

    /// Physicians who can be appointed for a visit: those whom the text (a part of a name, phone number or uuid)
    /// matches, or some if it is blank; with their visits of that day and what would clash. For admins.
    pub async fn physicians_for(
        &self,
        actor: &Actor,
        wanted: WantedVisit,
        text: &str,
    ) -> Result<PhysiciansOfDay, Error> {
        actor.require(&[Role::Admin])?;
        let ports = &self.context.ports;
        let filter = PeopleFilter::active_physicians(text);
        let found = ports.people.slice(&filter, Window::Newest, Self::PHYSICIANS).await?;
        let uuids: Vec<AccountUuid> = found.items.iter().map(|account| account.uuid).collect();
        let day = wanted.time.local().date();
        let midnight = day.and_time(NaiveTime::MIN);
        let next = midnight.checked_add_days(Days::new(1)).unwrap_or(midnight);
        let mut physicians: Vec<PhysicianDay> = found
            .items
            .iter()
            .map(|account| PhysicianDay {
                physician: PhysicianSummary::from(account),
                visits: Vec::new(),
                clashes: Vec::new(),
            })
            .collect();
        // The bounds of a clash are the same for every physician.
        let near = |physician| ScheduleSpan::around(physician, wanted.time, self.context.policy.visit_length);
        let span = uuids.first().map_or(midnight..next, |physician| {
            let near = near(*physician);
            near.from.min(midnight)..near.until.max(next)
        });
        for (uuid, visit) in ports.visit_lists.schedules(&uuids, span).await? {
            let Some(found) = physicians.iter_mut().find(|found| found.physician.uuid == uuid) else {
                continue;
            };
            if near(uuid).contains(visit.appointment_time) && Some(visit.id) != wanted.inquiry {
                found.clashes.push(Clash { id: visit.id, appointment_time: visit.appointment_time });
            }
            if visit.appointment_time.local().date() == day {
                found.visits.push(visit);
            }
        }
        Ok(PhysiciansOfDay { physicians, has_more: found.older.is_some() })
    }
}
