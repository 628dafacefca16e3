//! A person: name, sex and age.

use askama::Template;
use yilin_domain::account::{Account, AccountUuid, Age, Sex};
use yilin_domain::inquiry::{PatientSummary, PhysicianSummary};
use yilin_domain::time::HospitalTime;

use super::markup;
use crate::texts::Texts;

/// A person as records name one.
#[derive(Template, Debug, Clone)]
#[template(
    ext = "html",
    source = r#"<span class="person">{{ name }}</span>{% if !about.is_empty() %} <span class="muted">{{ about }}</span>{% endif %}"#
)]
pub(crate) struct Person {
    pub(crate) uuid: AccountUuid,
    pub(crate) name: String,
    /// Sex and age, or the hospital.
    pub(crate) about: String,
}
markup!(Person);

impl Person {
    /// A patient today.
    pub(crate) fn patient(patient: &PatientSummary, time: HospitalTime, texts: Texts) -> Self {
        let age = patient.age.and_then(|age| age.on(time.today())).map(Age::years);
        let sex = patient.sex.map(|sex| match sex {
            Sex::Male => texts.text("person-male"),
            Sex::Female => texts.text("person-female"),
        });
        let age = age.map(|years| texts.count("person-age", years));
        let about: Vec<_> = sex.into_iter().chain(age).collect();
        Self { uuid: patient.uuid, name: patient.username.as_str().to_owned(), about: about.join(" ") }
    }

    /// The owner of an account: with sex and age, whoever it is.
    pub(crate) fn of(account: &Account, time: HospitalTime, texts: Texts) -> Self {
        Self::patient(&PatientSummary::from(account), time, texts)
    }

    /// A physician.
    pub(crate) fn physician(physician: &PhysicianSummary) -> Self {
        let (name, hospital) = (physician.username.as_str(), physician.hospital.as_str());
        Self { uuid: physician.uuid, name: name.to_owned(), about: hospital.to_owned() }
    }
}
