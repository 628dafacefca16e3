//! What the entries of a segment of the audit log can be found by.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use diesel::{Insertable, Queryable, Selectable};
use roaring::RoaringTreemap;
use yilin_domain::audit::AuditFilter;
use yilin_domain::port::BoxError;

use super::audit_body::SearchKeys;
use super::column_reader::ColumnReader as Reading;
use crate::error::Corrupt;
use crate::schema::audit_posting;

/// Something that entries can be found by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Term<'a> {
    Every,
    Agent(Cow<'a, str>),
    Patient(Cow<'a, str>),
    Operation(Cow<'a, str>),
    Outcome(u16),
}

impl<'a> Term<'a> {
    /// The terms that all have to be met; times aside.
    pub(crate) fn of_filter(filter: &'a AuditFilter) -> Vec<Self> {
        let mut terms = Vec::new();
        terms.extend(filter.patient.map(|uuid| Self::Patient(uuid.to_string().into())));
        terms.extend(filter.agent.map(|uuid| Self::Agent(uuid.to_string().into())));
        terms.extend(filter.outcome.map(Self::Outcome));
        terms.extend(filter.operation.as_deref().map(|operation| Self::Operation(operation.into())));
        if terms.is_empty() {
            terms.push(Self::Every);
        }
        terms
    }

    /// What an entry can be found by.
    pub(crate) fn of_entry(keys: &'a SearchKeys<'_>) -> impl Iterator<Item = Self> {
        let known = [Self::Every, Self::Operation((&*keys.operation).into()), Self::Outcome(keys.outcome)];
        let agent = keys.agent.map(|uuid| Self::Agent(uuid.into()));
        let patient = keys.patient.map(|uuid| Self::Patient(uuid.into()));
        known.into_iter().chain(agent).chain(patient)
    }

    /// Which of a segment's rows has it. People share sixteen rows each as agents and as patients, by
    /// the last digit of their uuids: rows are what writing the index costs, and bytes are what
    /// searching it costs.
    pub(crate) fn bucket(&self) -> String {
        match self {
            Self::Every => "every".to_owned(),
            Self::Agent(uuid) => format!("agent:{}", last(uuid)),
            Self::Patient(uuid) => format!("patient:{}", last(uuid)),
            Self::Operation(_) => "operation".to_owned(),
            Self::Outcome(_) => "outcome".to_owned(),
        }
    }

    /// Every bucket that a search may look into.
    pub(crate) fn buckets() -> impl Iterator<Item = String> {
        let people = "0123456789abcdef".split("").filter(|digit| !digit.is_empty());
        let people = people.flat_map(|digit| [Self::Agent(digit.into()), Self::Patient(digit.into())]);
        let others = [Self::Every, Self::Operation("".into()), Self::Outcome(0)];
        others.into_iter().chain(people).map(|term| term.bucket())
    }

    /// What it is called in its row.
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Every => Cow::Borrowed(""),
            Self::Agent(text) | Self::Patient(text) | Self::Operation(text) => Cow::Borrowed(&**text),
            Self::Outcome(outcome) => outcome.to_string().into(),
        }
    }
}

fn last(uuid: &str) -> char {
    uuid.chars().next_back().filter(char::is_ascii_alphanumeric).unwrap_or('_')
}

/// The postings of a segment's terms that share a bucket, as they are stored and read.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = audit_posting, treat_none_as_default_value = false)]
pub(crate) struct PostingRow {
    bucket: String,
    segment: i64,
    terms: String,
    entries: Vec<u8>,
}

impl PostingRow {
    /// The rows of a segment of these entries, which are numbered and in the order of their numbers.
    pub(crate) fn of(segment: i64, entries: &[(u64, SearchKeys<'_>)]) -> Result<Vec<Self>, BoxError> {
        let row = |(bucket, postings): (String, BTreeMap<String, RoaringTreemap>)| {
            let terms: Vec<_> = postings.keys().collect();
            let terms = serde_json::to_string(&terms)?;
            let mut entries = Vec::new();
            for numbers in postings.values() {
                dense(numbers).serialize_into(&mut entries)?;
            }
            Ok(Self { bucket, segment, terms, entries })
        };
        postings(entries).into_iter().map(row).collect()
    }

    /// Whether these are the rows of a segment of these entries.
    pub(crate) fn are_of(rows: &[Self], entries: &[(u64, SearchKeys<'_>)]) -> bool {
        let stored = rows.iter().map(|row| Ok((row.bucket.clone(), row.postings()?)));
        stored.collect::<Result<Postings, Corrupt>>().is_ok_and(|stored| stored == postings(entries))
    }

    /// The numbers of the entries that this term, which is of this bucket, stands for.
    pub(crate) fn entries(&self, term: &Term<'_>) -> Result<RoaringTreemap, Corrupt> {
        let mut entries = &*self.entries;
        for text in self.terms()? {
            let numbers = self.next(&mut entries)?;
            if text == term.text() {
                return Ok(numbers);
            }
        }
        Ok(RoaringTreemap::new())
    }

    fn postings(&self) -> Result<BTreeMap<String, RoaringTreemap>, Corrupt> {
        let (terms, mut entries) = (self.terms()?, &*self.entries);
        let number = terms.len();
        let postings = terms.into_iter().map(|text| Ok((text.into_owned(), self.next(&mut entries)?)));
        let postings = postings.collect::<Result<BTreeMap<_, _>, Corrupt>>()?;
        // A search takes the first of several.
        if postings.len() == number { Ok(postings) } else { Err(self.reading().corrupt("terms", "repeated")) }
    }

    fn terms(&self) -> Result<Vec<Cow<'_, str>>, Corrupt> {
        self.reading().value("terms", serde_json::from_str(&self.terms))
    }

    fn next(&self, entries: &mut &[u8]) -> Result<RoaringTreemap, Corrupt> {
        self.reading().value("entries", RoaringTreemap::deserialize_from(entries))
    }

    fn reading(&self) -> Reading<String> {
        Reading::new("audit_posting", format!("{} {}", self.bucket, self.segment))
    }
}

/// The terms of each bucket, and the numbers of their entries.
type Postings = BTreeMap<String, BTreeMap<String, RoaringTreemap>>;

fn postings(entries: &[(u64, SearchKeys<'_>)]) -> Postings {
    let mut of_terms = HashMap::<Term<'_>, RoaringTreemap>::new();
    for (number, keys) in entries {
        for term in Term::of_entry(keys) {
            of_terms.entry(term).or_default().insert(*number);
        }
    }
    let mut postings = Postings::new();
    for (term, numbers) in of_terms {
        postings.entry(term.bucket()).or_default().insert(term.text().into_owned(), numbers);
    }
    postings
}

fn dense(numbers: &RoaringTreemap) -> RoaringTreemap {
    RoaringTreemap::from_bitmaps(numbers.bitmaps().map(|(high, bitmap)| {
        let mut bitmap = bitmap.clone();
        bitmap.optimize();
        (high, bitmap)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys<'a>(agent: &'a str, patient: &'a str, outcome: u16) -> SearchKeys<'a> {
        let (agent, patient) = (Some(agent), Some(patient));
        SearchKeys { recorded: 0, agent, patient, operation: "read".into(), outcome }
    }

    fn row(rows: &[PostingRow], bucket: &str) -> PostingRow {
        let row = rows.iter().find(|row| row.bucket == bucket).unwrap();
        let PostingRow { bucket, segment, terms, entries } = row;
        PostingRow {
            bucket: bucket.clone(),
            segment: *segment,
            terms: terms.clone(),
            entries: entries.clone(),
        }
    }

    #[test]
    fn people_of_one_bucket_are_told_apart() {
        let entries =
            [(512, keys("0000000a", "0000001a", 200)), (1 << 40, keys("0000000b", "0000002a", 404))];
        let rows = PostingRow::of(3, &entries).unwrap();
        let patients = row(&rows, "patient:a");
        let of = |uuid: &str| patients.entries(&Term::Patient(uuid.to_owned().into())).unwrap();
        assert_eq!(of("0000001a").iter().collect::<Vec<_>>(), [512]);
        assert_eq!(of("0000002a").iter().collect::<Vec<_>>(), [1 << 40]);
        assert!(of("0000003a").is_empty());
        assert_eq!(row(&rows, "every").entries(&Term::Every).unwrap().len(), 2);
        assert_eq!(row(&rows, "outcome").entries(&Term::Outcome(404)).unwrap().min(), Some(1 << 40));
        let buckets: Vec<_> = rows.iter().map(|row| &*row.bucket).collect();
        assert_eq!(buckets, ["agent:a", "agent:b", "every", "operation", "outcome", "patient:a"]);
    }

    #[test]
    fn rows_are_those_of_their_entries_and_of_no_others() {
        let entries =
            [(512, keys("0000000a", "0000001a", 200)), (1 << 40, keys("0000000b", "0000002a", 404))];
        let rows = || PostingRow::of(3, &entries).unwrap();
        assert!(PostingRow::are_of(&rows(), &entries));
        assert!(!PostingRow::are_of(&rows(), &entries[..1]));
        assert!(rows().iter().all(|row| Term::buckets().any(|bucket| bucket == row.bucket)));
        for at in 0..rows().len() {
            let mut rows = rows();
            rows.remove(at);
            assert!(!PostingRow::are_of(&rows, &entries), "{at}");
        }
        let mut rows = rows();
        let patients = rows.iter_mut().find(|row| row.bucket == "patient:a").unwrap();
        patients.terms = r#"["0000001a","0000001a"]"#.to_owned();
        assert!(!PostingRow::are_of(&rows, &entries), "one patient finds what is another's");
    }

    #[test]
    fn what_somebody_has_tampered_with_is_named() {
        let rows = PostingRow::of(3, &[(512, keys("0000000a", "0000001a", 200))]).unwrap();
        let whole = row(&rows, "every");
        for length in 0..whole.entries.len() {
            let cut = PostingRow { entries: whole.entries[..length].to_vec(), ..row(&rows, "every") };
            assert_eq!(cut.entries(&Term::Every).unwrap_err().row, "every 3", "{length}");
        }
        for at in 0..whole.entries.len() {
            let mut entries = whole.entries.clone();
            entries[at] ^= 0xff;
            // Whatever it comes to, it comes to an end.
            drop(PostingRow { entries, ..row(&rows, "every") }.entries(&Term::Every));
        }
        let none = PostingRow { terms: "[1]".to_owned(), ..whole };
        assert_eq!(none.entries(&Term::Every).unwrap_err().column, "terms");
    }
}
