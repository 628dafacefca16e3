//! Storing the accounts of a roster.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::super::Context;
use super::reading::{ReadRoster, RowLocation};
use super::report::{ImportReport, Keeper};
use super::{ImportError, Watch};
use crate::account::{KnownAge, NewAccount, PasswordHash};
use crate::audit::Origin;
use crate::port::PortError;
use crate::roster::{ImportCounts, ImportJob, RosterPerson, RowIssue, RowProblem};

/// Maximum number of accounts stored at a time.
const CHUNK: usize = 500;
/// Maximum number of individual passwords hashed per chunk: each takes a quarter of a second of a core, and a
/// chunk should not take long.
const OWN_PASSWORDS: usize = 64;

/// Stores the accounts of a roster, or determines what storing them would do.
pub(super) struct Storing<'a> {
    context: &'a Context,
    job: &'a ImportJob,
    origin: Option<&'a Origin>,
    watch: Watch<'a>,
    counts: ImportCounts,
    /// The shared initial password, hashed once.
    initial: Option<PasswordHash>,
}

type Person = (RowLocation, RosterPerson);

impl<'a> Storing<'a> {
    pub(super) fn new(
        context: &'a Context,
        job: &'a ImportJob,
        origin: Option<&'a Origin>,
        watch: Watch<'a>,
    ) -> Self {
        Self { context, job, origin, watch, counts: ImportCounts::default(), initial: None }
    }

    pub(super) async fn store(mut self, mut read: ReadRoster) -> Result<ImportReport, ImportError> {
        let skipped = read.issues.iter().filter(|issue| issue.is_skip()).count();
        self.counts.total = number(read.rows());
        self.counts.skipped = number(skipped);
        self.counts.failed = number(read.issues.len() - skipped);
        self.tell().await?;
        let people = std::mem::take(&mut read.people);
        let options = self.job.options;
        if options.atomic {
            self.store_all_or_none(people, &mut read).await?;
        } else if options.dry_run {
            self.check(&people, &mut read).await?;
        } else {
            self.store_in_chunks(people, &mut read).await?;
        }
        Ok(self.report(read))
    }

    async fn store_in_chunks(
        &mut self,
        people: Vec<Person>,
        read: &mut ReadRoster,
    ) -> Result<(), ImportError> {
        let mut people = people.into_iter().peekable();
        while people.peek().is_some() {
            let (mut chunk, mut own_passwords) = (Vec::with_capacity(CHUNK), 0);
            while chunk.len() < CHUNK && own_passwords < OWN_PASSWORDS {
                let Some(person) = people.next() else { break };
                own_passwords += usize::from(person.1.password.is_some());
                chunk.push(person);
            }
            self.store_chunk(chunk, false, read).await?;
        }
        Ok(())
    }

    /// Checks everything before anything is stored.
    async fn store_all_or_none(
        &mut self,
        people: Vec<Person>,
        read: &mut ReadRoster,
    ) -> Result<(), ImportError> {
        self.check(&people, read).await?;
        if !read.issues.is_empty() {
            self.counts.imported = 0;
            return Ok(self.tell().await?);
        }
        if self.job.options.dry_run {
            return Ok(());
        }
        self.counts.imported = 0;
        self.store_chunk(people, true, read).await
    }

    /// Stores these accounts, and notes those that are skipped.
    async fn store_chunk(
        &mut self,
        chunk: Vec<Person>,
        all_or_nothing: bool,
        read: &mut ReadRoster,
    ) -> Result<(), ImportError> {
        let accounts = self.accounts(&chunk).await?;
        let ports = &self.context.ports;
        let now = self.context.now();
        let entry = self.context.entry_of(self.origin);
        let verdicts = ports.imports.import(self.job.id, accounts, all_or_nothing, now, entry).await?;
        let taken = verdicts.iter().filter(|verdict| verdict.is_err()).count();
        let stored = if all_or_nothing && taken > 0 { 0 } else { verdicts.len() - taken };
        self.counts.imported += number(stored);
        self.counts.skipped += number(taken);
        for ((place, person), verdict) in chunk.iter().zip(verdicts) {
            if verdict.is_err() {
                note_taken(*place, person, read);
            }
        }
        (self.watch)(self.counts);
        Ok(())
    }

    /// Notes taken phone numbers; the others are counted as imported.
    async fn check(&mut self, people: &[Person], read: &mut ReadRoster) -> Result<(), PortError> {
        for chunk in people.chunks(CHUNK) {
            let phones: Vec<_> = chunk.iter().map(|(_, person)| person.phone.clone()).collect();
            let taken = self.context.ports.imports.taken(&phones).await?;
            for ((place, person), taken) in chunk.iter().zip(taken) {
                if taken {
                    self.counts.skipped += 1;
                    note_taken(*place, person, read);
                } else {
                    self.counts.imported += 1;
                }
            }
            if self.job.options.dry_run {
                self.tell().await?;
            }
        }
        Ok(())
    }

    /// The accounts of these people, in order. Individual passwords are hashed concurrently, as far as the
    /// hasher allows.
    async fn accounts(&mut self, chunk: &[Person]) -> Result<Vec<NewAccount>, PortError> {
        let hasher = &self.context.ports.hasher;
        let initial = match &self.initial {
            Some(initial) => initial.clone(),
            None => hasher.patient_turn().await?.hash(&self.context.policy.initial_password).await?,
        };
        self.initial = Some(initial.clone());
        let created_at = self.context.now();
        let today = self.context.policy.zone.day(created_at);
        stream::iter(chunk.iter().map(|(_, person)| person.clone()))
            .map(|person| {
                let initial = &initial;
                async move {
                    let password = match &person.password {
                        None => initial.clone(),
                        Some(own) => hasher.patient_turn().await?.hash(own.reveal()).await?,
                    };
                    Ok(NewAccount {
                        username: person.name,
                        role: person.role,
                        sex: person.sex,
                        age: KnownAge::of(person.birth_date, person.age, today),
                        phone: Some(person.phone),
                        hospital: person.hospital,
                        home_address: person.home_address,
                        password,
                        must_change_password: true,
                        created_at,
                    })
                }
            })
            .buffered(OWN_PASSWORDS)
            .try_collect()
            .await
    }

    async fn tell(&self) -> Result<(), PortError> {
        (self.watch)(self.counts);
        self.context.ports.imports.advance(self.job.id, self.counts, self.context.now()).await
    }

    fn report(self, read: ReadRoster) -> ImportReport {
        let mut issues = read.issues;
        issues.sort_by_key(|issue: &RowIssue| (issue.is_skip(), issue.sheet, issue.row));
        ImportReport {
            job: self.job.clone(),
            counts: self.counts,
            sheets: read.sheets,
            issues,
            unknown_columns: read.unknown_columns,
            ignored_sheets: read.ignored_sheets,
            kept: Keeper::into_rows(read.keeper),
        }
    }
}

fn note_taken(place: RowLocation, person: &RosterPerson, read: &mut ReadRoster) {
    read.keep_skipped(place, RowProblem::PhoneTaken, person);
    read.note(place, vec![RowProblem::PhoneTaken]);
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
