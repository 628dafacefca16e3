//! A visit that the hospital asks for on behalf of a patient, who called or came by.

use askama::Template;
use yilin_domain::account::{AccountUuid, ReservedPhone, Role};
use yilin_domain::audit::AuditAction::{Create, Read};
use yilin_domain::error::Error;
use yilin_domain::idempotency::Once;
use yilin_domain::inquiry::{InquiryDetail, InquiryDetails, PatientSummary, VisitType};
use yilin_domain::list::Window;
use yilin_domain::time::AppointmentTime;
use yilin_domain::usecase::{InquiryRequest, PeopleSearch};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::under_way::under_way;
use super::visit_row::visit_type;
use super::{past, visit, visits};
use crate::answer::{PageResult, View, form_page, page, see_other};
use crate::console::Console;
use crate::form::{Choice, Field, Form, Posted, Refusal, Sent};
use crate::parts::{Empty, Person};
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

const PATH: &str = "/console/visits/new";
/// Patients shown for a search.
const FOUND: u16 = 20;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(PATH, "consoleNewVisitPage", show).audited(Read, "account", Record::Search),
        post(PATH, "consoleNewVisit", create).audited(Create, "inquiry", Record::Search),
    ]
}

request! {
    /// For whom.
    pub(crate) struct ForWhom {
        /// The patient.
        patient: Option<AccountUuid>,
        /// A part of a name or a phone number.
        patient_name: Option<Text>,
    }
}

request! {
    /// A visit.
    pub(crate) struct NewVisit {
        /// The patient.
        patient: AccountUuid,
        /// Where.
        visit_type: VisitType = "type",
        /// When.
        appointment_time: AppointmentTime,
        /// Whom to call; the patient if it is empty.
        reserved_phone: Option<ReservedPhone>,
        /// The complaint.
        inquiry_detail: InquiryDetail,
    }
}

/// The choice of the patient.
#[derive(Template)]
#[template(path = "page/visit_patient.html")]
struct PatientPage {
    ui: Ui,
    searched: String,
    /// The patients found, and the phone number of each.
    found: Vec<(Person, String)>,
    empty: Empty,
}

impl Discloses for PatientPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of_patients(self.found.iter().map(|(person, _)| person.uuid))
    }
}

impl View for PatientPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

/// The visit of a patient.
#[derive(Template)]
#[template(path = "page/visit_new.html")]
struct NewVisitPage {
    ui: Ui,
    patient: Person,
    form: Form,
}

impl Discloses for NewVisitPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("account", &self.patient.uuid, Some(self.patient.uuid))
    }
}

impl View for NewVisitPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Query(ForWhom { patient, patient_name }): Query<ForWhom>) -> PageResult {
    if let Some(patient) = patient {
        return ask(&console, patient, &Sent::default(), None).await;
    }
    let text = patient_name.map(|Text(name)| name).unwrap_or_default();
    let search = PeopleSearch { role: Role::Patient, text: text.clone() };
    let people = &console.use_cases().people;
    let found = people.slice(&console.actor, &search, Window::Newest, FOUND).await?;
    let found = found.items.iter().filter(|account| account.is_active_patient()).map(|account| {
        let phone = account.phone.as_ref().map(|phone| phone.as_str().to_owned());
        let person = Person::patient(&PatientSummary::from(account), console.time(), console.texts);
        (person, phone.unwrap_or_default())
    });
    page(&PatientPage {
        ui: console.ui(Section::Visits, "new-visit-title"),
        searched: text,
        found: found.collect(),
        empty: Empty { why: console.texts.text("new-visit-nobody"), way: None },
    })
}

async fn ask(console: &Console, patient: AccountUuid, sent: &Sent, refusal: Option<&Refusal>) -> PageResult {
    let account = console.use_cases().people.find(&console.actor, patient).await?;
    if !account.is_active_patient() {
        return Err(Error::NotFound.into());
    }
    let texts = console.texts;
    let choice = |of: VisitType| Choice {
        value: of.as_str().to_owned(),
        label: texts.text(visit_type(of)),
        help: None,
    };
    let form =
        Form::of(console, PATH, sent, texts.text("new-visit-do")).hidden("patient", patient.to_string());
    let phone = account.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap_or_default();
    let form = form
        .refused_with(refusal)
        .field(Field::choices("type", texts.text("visit-type"), VisitType::ALL.map(choice).into()))
        .field(Field::time("appointment_time", texts.text("visit-when")))
        .field(Field::phone("reserved_phone", texts.text("visit-phone")).value(phone))
        .field(Field::area("inquiry_detail", texts.text("visit-detail"), InquiryDetail::MAX_CHARS))
        .or_back("/console/visits", texts.text("form-back"));
    let view = NewVisitPage {
        ui: console.ui(Section::Visits, "new-visit-title"),
        patient: Person::patient(&PatientSummary::from(&account), console.time(), texts),
        form,
    };
    form_page(&view, refusal)
}

async fn create(posted: Posted<NewVisit>) -> PageResult {
    let receipt = posted.receipt(|created: &InquiryDetails| visit::path(created.inquiry.id));
    let Posted { console, fields, sent } = posted;
    let patient = sent.value("patient").and_then(|patient| AccountUuid::parse(patient).ok());
    if let (Ok(fields), Some(patient)) = (&fields, patient)
        && let Some(doubt) = past::doubt(fields.appointment_time, &sent, &console)
    {
        return ask(&console, patient, &sent, Some(&doubt)).await;
    }
    let created = match fields {
        Ok(fields) => {
            let request = InquiryRequest {
                patient: Some(fields.patient),
                visit_type: fields.visit_type,
                appointment_time: fields.appointment_time,
                reserved_phone: fields.reserved_phone,
                detail: fields.inquiry_detail,
            };
            let inquiries = &console.use_cases().inquiries;
            let submit = |receipt| inquiries.submit_once(&console.actor, request, receipt);
            console.use_cases().once.run_after(receipt, submit).await
        }
        Err(invalid) => Err(invalid.into()),
    };
    match (created, patient) {
        (Ok(Once::Created(details)), _) => Ok(done(&visit::path(details.inquiry.id))),
        // Sent twice: the second leads to what the first created.
        (Ok(Once::Before(path)), _) => Ok(done(&path)),
        (Err(Error::Invalid(invalid)), Some(patient)) => {
            ask(&console, patient, &sent, Some(&invalid.into())).await
        }
        // The person went back to a form that is done, and typed something else in.
        (Err(error @ Error::KeyMismatch), Some(patient)) => {
            let refusal = Refusal::of(error)?.in_words(console.texts.text("form-sent-before"));
            ask(&console, patient, &sent.renewed(), Some(&refusal)).await
        }
        (Err(Error::KeyInUse), Some(patient)) => {
            let visits = with_parameter(visits::PATH, "patient", &patient.to_string());
            under_way(&console, Section::Visits, (visits, "person-visits"))
        }
        (Err(error), _) => Err(error.into()),
    }
}

fn done(path: &str) -> crate::answer::Answer {
    see_other(with_parameter(path, "done", "created"))
}
