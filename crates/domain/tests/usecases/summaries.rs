//! Summaries for the next visit: when the model is called, with what input, and the digest without it.

use yilin_domain::error::Error;
use yilin_domain::medical_record::DiagnosticDescription;
use yilin_domain::port::{Part, PortError};
use yilin_domain::usecase::{ConsultationReport, MedicalSummary, SummarySource};
use yilin_testkit::fakes::Mood;
use yilin_testkit::{Hospital, Person, sample};

use crate::support::{Case, assert_refused};

impl Case {
    async fn summary(&self, person: &Person) -> MedicalSummary {
        self.hospital.use_cases.summaries.medical(&person.actor).await.unwrap()
    }

    /// The last input of the model, and the number of calls.
    fn asked(&self) -> (usize, String) {
        let asked = self.hospital.fakes.model.asked();
        let facts = asked.last().and_then(|conversation| conversation.last());
        (asked.len(), facts.map(|utterance| utterance.text.clone()).unwrap_or_default())
    }

    /// Registers a consultation of the patient.
    async fn records(&self, found: &str) {
        let diagnostic_description = DiagnosticDescription::parse(found).unwrap();
        let report = sample::consultation_report(self.accepted().await);
        self.register(ConsultationReport { diagnostic_description, ..report }).await;
    }
}

#[tokio::test]
async fn without_input_the_summary_is_empty_and_the_model_is_not_called() {
    let case = Case::new().await;
    case.records("").await;
    for person in [&case.patient, &case.physician, &case.admin] {
        let summary = case.summary(person).await;
        assert_eq!((summary.text.as_str(), summary.source), ("", SummarySource::Digest));
    }
    assert_eq!(case.asked().0, 0);
}

#[tokio::test]
async fn the_model_summarises_messages_and_records_without_names() {
    let case = Case::new().await;
    case.records("王秀英血压偏高").await;
    case.talks(&case.patient, "我叫王秀英").await;
    case.talks(&case.patient, "头痛三天").await;
    let summary = case.summary(&case.patient).await;
    assert_eq!(summary.source, SummarySource::Generated);
    let (_, facts) = case.asked();
    assert_eq!(facts, "2024-03-01 就诊记录：[姓名]血压偏高\n居民讲述：我叫[姓名]\n居民讲述：头痛三天");
    assert!(summary.text.contains("头痛三天") && !summary.text.contains('\n'), "{}", summary.text);
    assert!(!facts.contains("您说"), "the model's own answers are not facts");
}

#[tokio::test]
async fn the_last_summary_is_reused_and_only_news_is_added_to_it() {
    let case = Case::new().await;
    case.talks(&case.patient, "头痛三天").await;
    let first = case.summary(&case.patient).await;
    assert_eq!(case.summary(&case.patient).await, first);
    assert_eq!(case.asked().0, 1);

    case.talks(&case.patient, "今天好些了").await;
    case.summary(&case.patient).await;
    assert_eq!(case.asked(), (2, "居民讲述：今天好些了".to_owned()));

    case.records("偏头痛").await;
    let third = case.summary(&case.patient).await;
    assert_eq!(case.asked(), (3, "2024-03-01 就诊记录：偏头痛".to_owned()));
    assert_eq!(case.summary(&case.patient).await, third);
    assert_eq!(case.asked().0, 3);
}

#[tokio::test]
async fn deleting_a_conversation_deletes_its_summary() {
    let case = Case::new().await;
    case.talks(&case.patient, "头痛三天").await;
    case.summary(&case.patient).await;
    case.hospital.use_cases.chat.clear(&case.patient.actor).await.unwrap();
    assert_eq!(case.summary(&case.patient).await.text, "");
}

#[tokio::test]
async fn records_are_only_summarised_for_their_patient() {
    let case = Case::new().await;
    case.records("偏头痛").await;
    for person in [&case.physician, &case.admin, &case.other_patient] {
        assert_eq!(case.summary(person).await.text, "");
    }
    assert!(case.summary(&case.patient).await.text.contains("偏头痛"));
}

#[tokio::test]
async fn an_unavailable_model_yields_a_digest_and_is_called_again_later() {
    let case = Case::new().await;
    case.records("偏头痛").await;
    case.talks(&case.patient, "头痛三天").await;
    for mood in [Mood::Down, Mood::Failing, Mood::Silent, Mood::Wordless] {
        case.hospital.fakes.model.set_mood(mood);
        let summary = case.summary(&case.patient).await;
        assert_eq!(summary.source, SummarySource::Digest, "{mood:?}");
        assert_eq!(summary.text, "本人自述：头痛三天。就诊记录：2024-03-01 偏头痛。", "{mood:?}");
    }
    case.hospital.fakes.model.set_mood(Mood::Well);
    assert_eq!(case.summary(&case.patient).await.source, SummarySource::Generated);
}

#[tokio::test]
async fn after_the_last_call_of_the_day_there_is_a_digest() {
    let case = Case::of(Hospital::with(|_, policy| policy.chat.per_day = 1)).await;
    case.talks(&case.patient, "头痛三天").await;
    let summary = case.summary(&case.patient).await;
    assert_eq!((summary.text.as_str(), summary.source), ("本人自述：头痛三天。", SummarySource::Digest));
    assert_eq!(case.asked().0, 0);
}

#[tokio::test]
async fn without_a_model_there_is_a_digest() {
    let case = Case::of(Hospital::with(|ports, _| ports.model = None)).await;
    case.records("偏头痛").await;
    let summary = case.summary(&case.patient).await;
    assert_eq!(
        (summary.text.as_str(), summary.source),
        ("就诊记录：2024-03-01 偏头痛。", SummarySource::Digest)
    );
}

#[tokio::test]
async fn the_newest_facts_are_summarised_when_there_are_too_many() {
    let case = Case::new().await;
    case.talks(&case.patient, &format!("很久以前{}", "痛".repeat(15_000))).await;
    case.talks(&case.patient, &format!("{}就在刚才", "疼".repeat(15_000))).await;
    let summary = case.summary(&case.patient).await;
    let (_, facts) = case.asked();
    assert_eq!(facts.chars().count(), 20_000);
    assert!(facts.ends_with("就在刚才") && !facts.contains("很久以前"));
    assert!(summary.text.chars().count() <= 1000);
}

#[tokio::test]
async fn unreadable_facts_are_an_error_and_not_an_empty_summary() {
    let case = Case::new().await;
    case.hospital.fakes.storage.go_down();
    let result = case.hospital.use_cases.summaries.medical(&case.patient.actor).await;
    assert_refused!(result, Error::Port(PortError::Unavailable { part: Part::Database, .. }));
}
