//! The cost of the audit log: the same HTTP requests with and without it, alternating, over one database.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use yilin_domain::account::PersonName;
use yilin_domain::port::{PortError, Ports};
use yilin_domain::usecase::{ChainWriter, UseCases};
use yilin_storage::Storage;
use yilin_testkit::fakes::Fakes;
use yilin_testkit::policy;
use yilin_web::{
    AuditTrail, AuditWriter, ChatRequestLimits, ConnectionLimits, HttpOptions, Readiness, Service,
};

use crate::Outcome;
use crate::hospital::{Hospital, ZONE, own, pick};
use crate::load::{Load, Rate};

/// The key of session tokens.
pub(crate) const SECRET: &str = "thirty-two bytes and a few more for benchmarks";
/// Number of pairs of measurements, one for each side; the median of their ratios counts.
const PAIRS: u32 = 29;
/// Number of pairs that share the time of one measurement. Short ones see the machine at the same speed.
const PAIRS_PER_MEASUREMENT: u32 = 4;

struct AlwaysReady;

#[async_trait]
impl Readiness for AlwaysReady {
    async fn check(&self) -> Result<(), PortError> {
        Ok(())
    }

    fn clock_offset(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::zero()
    }
}

/// The HTTP interface at this URL, which signs with [`SECRET`].
pub(crate) fn service(ports: &Ports, audit: AuditTrail, base: &str) -> Outcome<Service> {
    let options = HttpOptions {
        public_url: base.parse()?,
        private: true,
        mock: false,
        trusted_proxies: Vec::new(),
        web_origins: Vec::new(),
        jwt_secret: SECRET.as_bytes().to_vec(),
        metrics_token: None,
        max_upload: 1 << 20,
        chat: ChatRequestLimits::default(),
        zone: ZONE,
        settings: Vec::new(),
        audit_patience: HttpOptions::AUDIT_PATIENCE,
        connections: ConnectionLimits::for_descriptors(16_384),
    };
    let use_cases = UseCases::new(ports.clone(), policy(SECRET.as_bytes(), base));
    let (clock, random) = (ports.clock.clone(), ports.random.clone());
    Ok(Service::new(use_cases, clock, random, Arc::new(AlwaysReady), audit, options))
}

/// A service and a logged-in account.
#[derive(Clone)]
struct Side {
    base: String,
    client: Client,
    token: Arc<str>,
}

impl Side {
    async fn start(ports: &Ports, audit: AuditTrail) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base = format!("http://{}", listener.local_addr()?);
        let service = service(ports, audit, &base)?;
        let name = PersonName::parse("admin").map_err(|problem| format!("{problem:?}"))?;
        service.use_cases.setup.ensure_admin(&name, "admin").await?;
        std::thread::spawn(move || {
            let adapters = vec![yilin_http::adapter()];
            actix_web::rt::System::new().block_on(async move {
                yilin_web::server(listener, service, adapters, yilin_storage::run_units_here)?.await
            })
        });
        let client = Client::new();
        let body = json!({"username": "admin", "password": "admin"}).to_string();
        let answer =
            client.post(format!("{base}/api/user/adminLogin")).body(body).send().await?.bytes().await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let token = answer.pointer("/data/0/token").and_then(Value::as_str);
        let token = token.ok_or_else(|| answer.to_string())?;
        Ok(Self { base, client, token: token.into() })
    }

    async fn send(&self, method: Method, path: &str) -> Outcome<u64> {
        let request = self.client.request(method, format!("{}{path}", self.base));
        let response = request.header("authorization", &*self.token).send().await?;
        let status = response.status();
        response.bytes().await?;
        if status.is_success() { Ok(1) } else { Err(format!("{path}: {status}").into()) }
    }
}

/// Measures both sides on this storage, which already holds the hospital.
pub(crate) async fn measure(storage: &Storage, hospital: &Hospital, loads: &[Load]) -> Outcome<()> {
    // Shared by both sides: separate fakes would repeat the same randomness and so the same session ids.
    let ports = storage.ports(Fakes::new().outside());
    let (clock, random) = (ports.clock.clone(), ports.random.clone());
    let chain = ChainWriter::open(storage.audit(), clock, random, "bench".to_owned()).await?;
    let (writer, trail) = AuditWriter::start(chain, storage.runtime());
    let sides = [Side::start(&ports, trail).await?, Side::start(&ports, AuditTrail::off()).await?];
    for load in loads {
        println!("The audit log over HTTP, {} clients, medians of {PAIRS} pairs", load.clients);
        let short = Load { lasting: load.lasting / PAIRS_PER_MEASUREMENT, ..*load };
        under(&short, &sides, hospital).await?;
        // As the service does every few seconds: otherwise pages would sum the deltas left by the
        // transitions.
        storage.maintain(ports.clock.now()).await?;
    }
    writer.drain(Duration::from_secs(10)).await;
    Ok(())
}

async fn under(load: &Load, sides: &[Side; 2], hospital: &Hospital) -> Outcome<()> {
    let ids = hospital.ids.clone();
    compare("point read ", sides, load, move |side, client, round| {
        let path = format!("/api/inquiry/queryInquiryRecordById?id={}", pick(&ids, client, round));
        async move { side.send(Method::GET, &path).await }
    })
    .await?;
    compare("page of ten", sides, load, |side, _, _| async move {
        side.send(Method::GET, "/api/inquiry/queryAllInquiryRecord?page=1&size=10").await
    })
    .await?;
    let (ids, physicians, clients) = (hospital.ids.clone(), hospital.physicians, load.clients);
    let turn: Arc<Vec<AtomicBool>> = Arc::new(ids.iter().map(|_| AtomicBool::new(false)).collect());
    compare("transition ", sides, load, move |side, client, round| {
        let id = own(&ids, client, clients, round);
        let index = ids.iter().position(|known| *known == id).unwrap_or_default();
        // A different physician each time, so that each request is a change.
        let flip = turn.get(index).is_some_and(|turn| turn.fetch_xor(true, Ordering::Relaxed));
        let [one, other] = physicians;
        let physician = if flip { one } else { other };
        async move {
            side.send(Method::POST, &format!("/api/inquiry/appointedPhysician?id={id}&userUUID={physician}"))
                .await
        }
    })
    .await
}

async fn compare<W, F>(name: &str, sides: &[Side; 2], load: &Load, work: W) -> Outcome<()>
where
    W: Fn(Side, usize, u64) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Outcome<u64>> + Send + 'static,
{
    let mut pairs = Vec::new();
    for turn in 0..PAIRS {
        let rate = async |side: &Side| {
            let (side, work) = (side.clone(), work.clone());
            let rate: Rate = load.run(move |client, round| work(side.clone(), client, round)).await?;
            Outcome::Ok(rate.per_second())
        };
        // Alternates which side goes first, so that growth during the run affects both equally.
        let [audited, bare] = sides;
        pairs.push(if turn % 2 == 0 {
            let with = rate(audited).await?;
            (with, rate(bare).await?)
        } else {
            let without = rate(bare).await?;
            (rate(audited).await?, without)
        });
    }
    let median = |values: Vec<f64>| quartiles(values).map_or(f64::NAN, |[_, median, _]| median);
    let with = median(pairs.iter().map(|(with, _)| *with).collect());
    let without = median(pairs.iter().map(|(_, without)| *without).collect());
    let ratios = pairs.iter().map(|(with, without)| with / without).collect();
    let [lower, ratio, upper] = quartiles(ratios).ok_or("nothing was measured")?;
    println!(
        "  {name}  with {with:.0}/s, without {without:.0}/s, ratio {ratio:.3} (half of all: {lower:.3} to {upper:.3})"
    );
    Ok(())
}

/// The quartiles of these values, if there are any: half of all lie between the first and the last.
fn quartiles(mut values: Vec<f64>) -> Option<[f64; 3]> {
    values.sort_by(f64::total_cmp);
    let at = |quarter: usize| values.get(values.len() * quarter / 4).copied();
    Some([at(1)?, at(2)?, at(3)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_all_lie_between_the_outer_quartiles() {
        let values = [9.0, 1.0, 8.0, 2.0, 7.0, 3.0, 6.0, 4.0, 5.0];
        assert_eq!(quartiles(values.to_vec()), Some([3.0, 5.0, 7.0]));
        assert_eq!(quartiles(Vec::new()), None);
    }
}
