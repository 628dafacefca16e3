//! Password hashing with bcrypt.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bcrypt::BcryptError;
use yilin_domain::account::PasswordHash;
use yilin_domain::port::{HashingTurn, Part, PasswordHasher, PortError, TooManyWaiting};
use yilin_domain::session::AttemptKey;

use super::turns::{self, Entered, NoPlace, Purpose, Turns};

/// Maximum number of password bytes that bcrypt uses, without its terminator.
const MAX_BYTES: usize = 71;
/// Maximum number of waiting log-ins per core, and of waiting password changes: what a core computes at cost
/// 12 before clients give up.
const WAITING_PER_CORE: usize = 32;
/// Maximum waiting time. Clients give up after 10 seconds, and hashing takes time too.
const PATIENCE: Duration = Duration::from_secs(8);
/// The `Retry-After` for rejected callers.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The hash algorithm; replaced in tests to count calls.
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

/// bcrypt on dedicated threads, at most one per core, so that a burst of log-ins slows down log-ins only.
pub(crate) struct BcryptHasher {
    algorithm: Arc<dyn Algorithm>,
    /// A well-formed hash of no password, for accounts that do not exist.
    no_password: PasswordHash,
    turns: Turns,
    patience: Duration,
}

impl BcryptHasher {
    /// Creates hashes of this cost, at most one per core at a time.
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
        let no_password = PasswordHash(format!("$2b${cost:02}${}", ".".repeat(53)));
        Self { algorithm, no_password, turns: Turns::new(turns, max_waiting), patience }
    }

    /// Waits for a slot, with a timeout.
    async fn bounded(
        &self,
        purpose: Purpose,
    ) -> Result<Result<Box<dyn HashingTurn>, TooManyWaiting>, PortError> {
        let turn = match self.turns.enter(purpose) {
            Ok(Entered::Turn(turn)) => Ok(turn),
            Ok(Entered::Waiting(waiting)) => {
                tokio::time::timeout(self.patience, waiting.turn()).await.map_err(|_| overloaded())?
            }
            Err(no_place) => Err(no_place),
        };
        match turn {
            Ok(turn) => Ok(Ok(self.begin(turn))),
            Err(NoPlace::Crowded) => Ok(Err(TooManyWaiting)),
            Err(NoPlace::Full) => Err(overloaded()),
        }
    }

    fn begin(&self, turn: turns::Turn) -> Box<dyn HashingTurn> {
        Box::new(Turn {
            algorithm: self.algorithm.clone(),
            no_password: self.no_password.clone(),
            place: Arc::new(turn),
        })
    }
}

fn overloaded() -> PortError {
    PortError::Overloaded { part: Part::PasswordHasher, retry_after: RETRY_AFTER }
}

fn failed(source: impl Into<yilin_domain::port::BoxError>) -> PortError {
    PortError::Failed { part: Part::PasswordHasher, source: source.into() }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn log_in_turn(
        &self,
        key: &AttemptKey,
    ) -> Result<Result<Box<dyn HashingTurn>, TooManyWaiting>, PortError> {
        self.bounded(Purpose::LogIn(key.clone())).await
    }

    async fn turn(&self) -> Result<Box<dyn HashingTurn>, PortError> {
        self.bounded(Purpose::Change).await?.map_err(failed)
    }

    async fn patient_turn(&self) -> Result<Box<dyn HashingTurn>, PortError> {
        let turn = match self.turns.enter(Purpose::Batch) {
            Ok(Entered::Turn(turn)) => turn,
            Ok(Entered::Waiting(waiting)) => waiting.turn().await.map_err(|_| overloaded())?,
            Err(_) => return Err(overloaded()),
        };
        Ok(self.begin(turn))
    }
}

struct Turn {
    algorithm: Arc<dyn Algorithm>,
    no_password: PasswordHash,
    place: Arc<turns::Turn>,
}

impl Turn {
    /// Hashes outside the executor. The work cannot be cancelled, so it owns the slot: if the client
    /// disconnects and this future is dropped, the slot stays taken until the work is done.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Algorithm) -> Result<T, BcryptError> + Send + 'static,
    ) -> Result<T, PortError> {
        let (algorithm, turn) = (self.algorithm.clone(), self.place.clone());
        let task = tokio::task::spawn_blocking(move || {
            let done = work(&*algorithm);
            drop(turn);
            done
        });
        task.await.map_err(failed)?.map_err(failed)
    }
}

#[async_trait]
impl HashingTurn for Turn {
    async fn verify(&mut self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, PortError> {
        // bcrypt would treat `a\0a` as `a`, and longer passwords were never hashed.
        let possible = password.len() <= MAX_BYTES && !password.contains('\0');
        let password = if possible { password.to_owned() } else { String::new() };
        let exists = hash.is_some();
        let hash = hash.unwrap_or(&self.no_password).clone();
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

    /// bcrypt at the lowest cost, which records the cost of each hash it computed.
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

    fn hasher(turns: usize, max_waiting: usize, patience: Duration) -> (BcryptHasher, Arc<Counting>) {
        let counting = Arc::<Counting>::default();
        (BcryptHasher::with(counting.clone(), COST, turns, max_waiting, patience), counting)
    }

    #[tokio::test]
    async fn passwords_of_any_length_are_verified() {
        let (hasher, _) = hasher(1, 1, PATIENCE);
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
    async fn every_verification_costs_one_hash_of_the_same_cost() {
        let (hasher, counting) = hasher(1, 1, PATIENCE);
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
        let (hasher, _) = hasher(1, 1, PATIENCE);
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
        assert!(matches!(waiting.await.unwrap(), Err(PortError::Overloaded { .. })), "the wait timed out");
        drop(turn);
        assert!(hasher.turn().await.is_ok());
        assert_eq!(hasher.turns.waiting(), 0);
    }

    fn key(identifier: &str, address: &str) -> AttemptKey {
        AttemptKey::new("app", identifier, address)
    }

    /// Lets all tasks run until they wait.
    async fn settle() {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn log_ins_come_before_changes_and_changes_before_batch_work() {
        let (hasher, _) = hasher(1, 100, PATIENCE);
        let (hasher, order) = (Arc::new(hasher), Arc::<std::sync::Mutex<Vec<&str>>>::default());
        let held = hasher.turn().await.unwrap();
        let mut waiting = Vec::new();
        for purpose in ["batch", "batch", "change", "change", "log-in", "log-in"] {
            let (hasher, order, number) = (hasher.clone(), order.clone(), waiting.len());
            waiting.push(tokio::spawn(async move {
                let turn = match purpose {
                    "log-in" => hasher.log_in_turn(&key(&number.to_string(), "a")).await.unwrap().unwrap(),
                    "change" => hasher.turn().await.unwrap(),
                    _ => hasher.patient_turn().await.unwrap(),
                };
                order.lock().unwrap().push(purpose);
                drop(turn);
            }));
            settle().await;
        }
        drop(held);
        for task in waiting {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), ["log-in", "log-in", "change", "change", "batch", "batch"]);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_addresses_take_turns() {
        let (hasher, _) = hasher(1, 100, PATIENCE);
        let (hasher, order) = (Arc::new(hasher), Arc::<std::sync::Mutex<Vec<&str>>>::default());
        let held = hasher.turn().await.unwrap();
        let mut waiting = Vec::new();
        for address in ["a", "a", "a", "a", "b", "c", "b"] {
            let (hasher, order, number) = (hasher.clone(), order.clone(), waiting.len());
            waiting.push(tokio::spawn(async move {
                let turn = hasher.log_in_turn(&key(&number.to_string(), address)).await.unwrap().unwrap();
                order.lock().unwrap().push(address);
                drop(turn);
            }));
            settle().await;
        }
        drop(held);
        for task in waiting {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), ["a", "b", "c", "a", "b", "a", "a"]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_account_and_one_address_have_only_some_of_the_places() {
        let (hasher, _) = hasher(1, 8, Duration::from_secs(60));
        let hasher = Arc::new(hasher);
        let held = hasher.turn().await.unwrap();
        let log_in = |identifier: &str, address: &str| {
            let (hasher, key) = (hasher.clone(), key(identifier, address));
            tokio::spawn(async move { hasher.log_in_turn(&key).await.map(|turn| turn.map(drop)) })
        };
        // One account, from any address: two may wait.
        let mut waiting = vec![log_in("1", "a"), log_in("1", "b")];
        settle().await;
        assert_eq!(log_in("1", "c").await.unwrap().unwrap(), Err(TooManyWaiting));
        // One address, with any accounts: half of the eight may wait.
        waiting.extend([log_in("2", "a"), log_in("3", "a"), log_in("4", "a")]);
        settle().await;
        assert_eq!(log_in("5", "a").await.unwrap().unwrap(), Err(TooManyWaiting));
        // Others have the rest.
        waiting.extend([log_in("6", "d"), log_in("7", "e"), log_in("8", "f")]);
        settle().await;
        // The queue is full: newcomers take the last places of the most crowded address, but one.
        for (identifier, address) in [("9", "g"), ("10", "h"), ("11", "i")] {
            let newcomer = log_in(identifier, address);
            settle().await;
            let sent_away = waiting.iter().position(tokio::task::JoinHandle::is_finished).unwrap();
            let sent_away = waiting.remove(sent_away).await.unwrap();
            assert!(matches!(sent_away, Err(PortError::Overloaded { .. })));
            waiting.push(newcomer);
        }
        assert!(matches!(log_in("12", "j").await.unwrap(), Err(PortError::Overloaded { .. })));
        // Password changes have a separate queue.
        let changing = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.turn().await.map(drop) }
        });
        settle().await;
        drop(held);
        for task in waiting {
            task.await.unwrap().unwrap().unwrap();
        }
        changing.await.unwrap().unwrap();
        assert_eq!(hasher.turns.waiting(), 0);
        assert!(log_in("1", "a").await.unwrap().unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_caller_leaves_the_queue_and_no_turn_is_lost() {
        let (hasher, _) = hasher(1, 8, Duration::from_secs(60));
        let hasher = Arc::new(hasher);
        let held = hasher.turn().await.unwrap();
        let wait = |identifier: &str| {
            let (hasher, key) = (hasher.clone(), key(identifier, "a"));
            tokio::spawn(async move { hasher.log_in_turn(&key).await.map(|turn| turn.map(drop)) })
        };
        let (gives_up, stays) = (wait("1"), wait("2"));
        settle().await;
        gives_up.abort();
        settle().await;
        assert_eq!(hasher.turns.waiting(), 1);
        drop(held);
        stays.await.unwrap().unwrap().unwrap();
        // Called and cancelled at the same moment.
        for _ in 0..100 {
            let held = hasher.turn().await.unwrap();
            let gives_up = wait("1");
            settle().await;
            drop(held);
            gives_up.abort();
            settle().await;
        }
        assert!(hasher.turn().await.is_ok());
    }

    #[tokio::test]
    async fn abandoned_work_keeps_its_slot() {
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
        assert!(hasher.turn().await.is_err(), "the work is still running");
        finish.send(()).unwrap();
        let returned = tokio::time::timeout(Duration::from_secs(180), hasher.patient_turn()).await;
        assert!(returned.is_ok());
    }
}
