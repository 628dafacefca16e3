use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bcrypt::BcryptError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use yilin_domain::account::PasswordHash;
use yilin_domain::port::{HashingTurn, Part, PasswordHasher, PortError};

/// The most bytes of a password that bcrypt looks at, less its terminator.
const MAX_BYTES: usize = 71;
/// How many may wait per core: what a core does at cost 12 in the time that clients wait.
const WAITING_PER_CORE: usize = 32;
/// How long anybody waits. Clients give up after 10 seconds, and hashing takes time too.
const PATIENCE: Duration = Duration::from_secs(8);
/// When trying again is sensible for those who were turned away.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What is done with passwords; tests count it.
trait Algorithm: Send + Sync {
    fn verify(&self, password: &str, hash: &str) -> Result<bool, BcryptError>;
    fn hash(&self, password: &str) -> Result<String, BcryptError>;
}

struct Bcrypt {
    cost: u32,
}

impl Algorithm for Bcrypt {
    fn verify(&self, password: &str, hash: &str) -> Result<bool, BcryptError> {
        bcrypt::non_truncating_verify(password, hash)
    }

    fn hash(&self, password: &str) -> Result<String, BcryptError> {
        bcrypt::non_truncating_hash(password, self.cost)
    }
}

/// bcrypt, on threads of its own: no more than there are cores, so that many log-ins at once make
/// log-ins slow and nothing else.
pub(crate) struct BcryptHasher {
    algorithm: Arc<dyn Algorithm>,
    /// A well-formed hash of no password, for whoever has none.
    nobody: PasswordHash,
    turns: Arc<Semaphore>,
    /// Whoever is patient needs one of these first, so that few of them are in others' way.
    patient_turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    max_waiting: usize,
    patience: Duration,
}

impl BcryptHasher {
    /// Makes hashes of this cost, as many at a time as there are cores.
    pub(crate) fn new(cost: u32) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with(Arc::new(Bcrypt { cost }), cost, cores, cores * WAITING_PER_CORE, PATIENCE)
    }

    fn with(
        algorithm: Arc<dyn Algorithm>,
        cost: u32,
        turns: usize,
        max_waiting: usize,
        patience: Duration,
    ) -> Self {
        Self {
            algorithm,
            nobody: PasswordHash(format!("$2b${cost:02}${}", ".".repeat(53))),
            turns: Arc::new(Semaphore::new(turns)),
            patient_turns: Arc::new(Semaphore::new(turns)),
            waiting: Arc::default(),
            max_waiting,
            patience,
        }
    }
}

fn overloaded() -> PortError {
    PortError::Overloaded { part: Part::PasswordHasher, retry_after: RETRY_AFTER }
}

fn failed(source: impl Into<yilin_domain::port::BoxError>) -> PortError {
    PortError::Failed { part: Part::PasswordHasher, source: source.into() }
}

/// A place in the queue; left when dropped, also by somebody who gives up.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>, max: usize) -> Option<Self> {
        let place = Self(waiting.clone());
        // Beyond the limit the new place is dropped again at once.
        (waiting.fetch_add(1, Ordering::Relaxed) < max).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn turn(&self) -> Result<Box<dyn HashingTurn>, PortError> {
        let permit = if let Ok(permit) = self.turns.clone().try_acquire_owned() {
            permit
        } else {
            let _place = Place::take(&self.waiting, self.max_waiting).ok_or_else(overloaded)?;
            let turn = tokio::time::timeout(self.patience, self.turns.clone().acquire_owned()).await;
            turn.map_err(|_| overloaded())?.map_err(failed)?
        };
        Ok(self.begin(vec![permit]))
    }

    async fn patient_turn(&self) -> Result<Box<dyn HashingTurn>, PortError> {
        let patient = self.patient_turns.clone().acquire_owned().await.map_err(failed)?;
        Ok(self.begin(vec![self.turns.clone().acquire_owned().await.map_err(failed)?, patient]))
    }
}

impl BcryptHasher {
    fn begin(&self, permits: Vec<OwnedSemaphorePermit>) -> Box<dyn HashingTurn> {
        Box::new(Turn {
            algorithm: self.algorithm.clone(),
            nobody: self.nobody.clone(),
            permits: Arc::new(permits),
        })
    }
}

struct Turn {
    algorithm: Arc<dyn Algorithm>,
    nobody: PasswordHash,
    permits: Arc<Vec<OwnedSemaphorePermit>>,
}

impl Turn {
    /// Hashes away from the executor. The work cannot be stopped, so it keeps the turn: when the
    /// client goes away and this future is dropped, the turn lasts until the work is done.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Algorithm) -> Result<T, BcryptError> + Send + 'static,
    ) -> Result<T, PortError> {
        let (algorithm, permits) = (self.algorithm.clone(), self.permits.clone());
        let task = tokio::task::spawn_blocking(move || {
            let done = work(&*algorithm);
            drop(permits);
            done
        });
        task.await.map_err(failed)?.map_err(failed)
    }
}

#[async_trait]
impl HashingTurn for Turn {
    async fn verify(&mut self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, PortError> {
        // bcrypt would take `a\0a` for `a`, and nothing longer than this was ever hashed.
        let possible = password.len() <= MAX_BYTES && !password.contains('\0');
        let password = if possible { password.to_owned() } else { String::new() };
        let exists = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).clone();
        let correct = self.work(move |algorithm| algorithm.verify(&password, &hash.0)).await?;
        Ok(correct && possible && exists)
    }

    async fn hash(&mut self, password: &str) -> Result<PasswordHash, PortError> {
        let password = password.to_owned();
        self.work(move |algorithm| algorithm.hash(&password)).await.map(PasswordHash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: u32 = 4;

    /// bcrypt at the lowest cost, which remembers the cost of each hash it computed.
    #[derive(Default)]
    struct Counting(std::sync::Mutex<Vec<String>>);

    impl Algorithm for Counting {
        fn verify(&self, password: &str, hash: &str) -> Result<bool, BcryptError> {
            let correct = Bcrypt { cost: COST }.verify(password, hash)?;
            self.0.lock().unwrap().push(hash[..7].to_owned());
            Ok(correct)
        }

        fn hash(&self, password: &str) -> Result<String, BcryptError> {
            Bcrypt { cost: COST }.hash(password)
        }
    }

    fn hasher(turns: usize, max_waiting: usize) -> (BcryptHasher, Arc<Counting>) {
        let counting = Arc::<Counting>::default();
        (BcryptHasher::with(counting.clone(), COST, turns, max_waiting, PATIENCE), counting)
    }

    #[tokio::test]
    async fn a_password_is_right_or_wrong_whatever_its_length() {
        let (hasher, _) = hasher(1, 1);
        let mut turn = hasher.turn().await.unwrap();
        let longest = "密".repeat(23) + "ab";
        assert_eq!(longest.len(), MAX_BYTES);
        let hash = turn.hash(&longest).await.unwrap();
        assert!(turn.verify(&longest, Some(&hash)).await.unwrap());
        for wrong in [format!("{longest}c"), format!("{longest}cd"), longest[..70].to_owned(), String::new()]
        {
            assert!(!turn.verify(&wrong, Some(&hash)).await.unwrap(), "{wrong}");
        }
        assert!(turn.hash(&format!("{longest}c")).await.is_err());
        let (empty, short) = (turn.hash("").await.unwrap(), turn.hash("a").await.unwrap());
        assert!(!turn.verify(&"x".repeat(72), Some(&empty)).await.unwrap());
        assert!(!turn.verify("a\0a", Some(&short)).await.unwrap());
    }

    #[tokio::test]
    async fn every_answer_costs_one_hash_of_the_same_cost() {
        let (hasher, counting) = hasher(1, 1);
        let mut turn = hasher.turn().await.unwrap();
        let hash = turn.hash("right!").await.unwrap();
        for (password, hash, correct) in [
            ("right!", Some(&hash), true),
            ("wrong!", Some(&hash), false),
            ("right!", None, false),
            ("", None, false),
            (&*"x".repeat(100_000), Some(&hash), false),
            (&*"x".repeat(100_000), None, false),
        ] {
            counting.0.lock().unwrap().clear();
            assert_eq!(turn.verify(password, hash).await.unwrap(), correct);
            assert_eq!(*counting.0.lock().unwrap(), ["$2b$04$"]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_and_a_long_wait_are_told() {
        let (hasher, _) = hasher(1, 1);
        let hasher = Arc::new(hasher);
        let turn = hasher.turn().await.unwrap();
        let waiting = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.turn().await.map(drop) }
        });
        tokio::task::yield_now().await;
        let refused = hasher.turn().await.map(drop).unwrap_err();
        assert!(matches!(refused, PortError::Overloaded { part: Part::PasswordHasher, retry_after }
            if retry_after == RETRY_AFTER));
        assert!(matches!(waiting.await.unwrap(), Err(PortError::Overloaded { .. })), "its patience ended");
        drop(turn);
        assert!(hasher.turn().await.is_ok());
        assert_eq!(hasher.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_patient_is_hardly_in_the_way() {
        let (hasher, _) = hasher(1, 1);
        let (hasher, order) = (Arc::new(hasher), Arc::<std::sync::Mutex<Vec<&str>>>::default());
        let held = hasher.turn().await.unwrap();
        let wait = |patient: bool| {
            let (hasher, order) = (hasher.clone(), order.clone());
            tokio::spawn(async move {
                let turn = if patient { hasher.patient_turn().await } else { hasher.turn().await };
                order.lock().unwrap().push(if patient { "patient" } else { "log-in" });
                drop(turn.unwrap());
            })
        };
        let mut waiting: Vec<_> = (0..3).map(|_| wait(true)).collect();
        tokio::task::yield_now().await;
        waiting.push(wait(false));
        tokio::task::yield_now().await;
        drop(held);
        for task in waiting {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), ["patient", "log-in", "patient", "patient"]);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_keeps_its_turn() {
        struct Slow(std::sync::Mutex<std::sync::mpsc::Receiver<()>>);
        impl Algorithm for Slow {
            fn verify(&self, _: &str, _: &str) -> Result<bool, BcryptError> {
                self.0.lock().unwrap().recv().unwrap();
                Ok(true)
            }
            fn hash(&self, _: &str) -> Result<String, BcryptError> {
                unreachable!()
            }
        }
        let (finish, finished) = std::sync::mpsc::channel();
        let hasher = BcryptHasher::with(Arc::new(Slow(finished.into())), COST, 1, 0, PATIENCE);
        let mut turn = hasher.turn().await.unwrap();
        let abandoned = tokio::time::timeout(Duration::from_millis(20), turn.verify("a", None)).await;
        assert!(abandoned.is_err());
        drop(turn);
        assert!(hasher.turn().await.is_err(), "the work is still going on");
        finish.send(()).unwrap();
        let returned = tokio::time::timeout(Duration::from_secs(180), hasher.turns.acquire()).await;
        assert!(returned.is_ok());
    }
}
