//! Session tokens: claims, transport and rejection.

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

use crate::answer::Client;
use crate::world::{Backend, SECRET, World, run};

/// The claims of a token, with its signature verified.
fn claims(token: &str) -> Value {
    let mut validation = Validation::new(Algorithm::HS256);
    // The service under test has another current year than the machine.
    validation.validate_exp = false;
    jsonwebtoken::decode(token, &DecodingKey::from_secret(SECRET), &validation).unwrap().claims
}

fn signed(algorithm: Algorithm, secret: &[u8], claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret)).unwrap()
}

/// Clients with a header that must be rejected, each with its fault. The clock advances meanwhile: log in
/// afterwards.
pub(crate) async fn refused(world: &World) -> Vec<(&'static str, Client<'_>)> {
    /// `{"alg":"none","typ":"JWT"}`
    const UNSIGNED: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let old = world.admin().await;
    world.fakes.clock.advance(TimeDelta::days(7));
    let live = world.admin().await;
    let ended = world.admin().await;
    ended.client.get("/api/user/logOut").await.expect(200);

    let token = live.token();
    let parts: Vec<&str> = token.split('.').collect();
    let of_patient = world.patients(1).await.remove(0);
    let mut raised = claims(of_patient.token());
    raised["role"] = json!("系统管理员");
    let raised = signed(Algorithm::HS256, b"another secret of more than 32 bytes", &raised);
    let raised: Vec<&str> = raised.split('.').collect();
    let own: Vec<&str> = of_patient.token().split('.').collect();
    let nobody = world.anonymous();
    vec![
        ("garbage", nobody.token("a.dead.token")),
        ("empty", nobody.token("")),
        ("only a scheme", nobody.token("Bearer")),
        ("another scheme", nobody.token(&format!("Basic {token}"))),
        ("oversized", nobody.token(&"a".repeat(100_000))),
        ("twice", nobody.token(token).token(token)),
        ("expired", old.client),
        ("ended", ended.client),
        ("unsigned", nobody.token(&format!("{UNSIGNED}.{}.", parts[1]))),
        ("unsigned with a signature", nobody.token(&format!("{UNSIGNED}.{}.{}", parts[1], parts[2]))),
        ("without signature", nobody.token(&format!("{}.{}.", parts[0], parts[1]))),
        ("another secret", nobody.token(&raised.join("."))),
        ("another role", nobody.token(&format!("{}.{}.{}", own[0], raised[1], own[2]))),
        ("another algorithm", nobody.token(&signed(Algorithm::HS512, SECRET, &claims(token)))),
        ("the cookie's", nobody.token(live.cookie.strip_prefix("yilin_session=").unwrap())),
    ]
}

#[test]
fn a_token_contains_account_and_expiry() {
    run(Backend::Fakes, async |world| {
        for (person, role) in
            [(world.admin().await, "系统管理员"), (world.patients(1).await.remove(0), "患者")]
        {
            let claims = claims(person.token());
            assert_eq!((&claims["sub"], &claims["role"]), (&person.account["uuid"], &json!(role)));
            let (issued, expires) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
            assert_eq!(expires - issued, 7 * 24 * 60 * 60);
            assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 16));
        }
        let again = [world.admin().await, world.admin().await];
        assert_ne!(claims(again[0].token())["jti"], claims(again[1].token())["jti"]);
    });
}

#[test]
fn an_invalid_header_is_a_401_regardless_of_the_cookie() {
    run(Backend::Fakes, async |world| {
        let refused = refused(world).await;
        let patient = world.patients(1).await.remove(0);
        let body = json!({"type": "在家就医", "inquiry_detail": "x", "appointment_time": "2024-03-02 20:30"});
        let inquiry = patient.client.post("/api/inquiry/createInquiryRecord", body).await.payload();
        let record = format!("/api/inquiry/queryInquiryRecordById?id={}", inquiry["id"]);
        patient.by_page().get(&record).await.expect(200);
        for (name, client) in refused {
            let client = client.with("cookie", patient.cookie.clone()).with("sec-fetch-site", "same-origin");
            let answer = client.get(&record).await.expect_error(401, "session.required");
            assert!(answer.set_cookie().is_none(), "{name}");
            client.post("/api/upload", None).await.expect(401);
            client.get(&format!("/ipfs/{}", crate::arrange::CID)).await.expect(401);
        }
    });
}

#[test]
fn log_ins_log_outs_and_file_links_ignore_an_invalid_token() {
    run(Backend::Fakes, async |world| {
        let refused = refused(world).await;
        let patient = world.patients(1).await.remove(0);
        let credentials = json!({"phone": patient.phone(), "password": "123456"});
        let url = world.file_of(&patient).await;
        for (_, client) in refused {
            client.post("/api/user/login", credentials.clone()).await.expect(200);
            let admin = json!({"username": "admin", "password": "admin"});
            client.post("/api/user/adminLogin", admin).await.expect(200);
            client.get("/api/user/logOut").await.expect(200);
            client.post("/api/logout", None).await.expect(200);
            let file = client.request(reqwest::Method::GET, &url).send().await.unwrap();
            assert_eq!(file.status(), 200);
        }
    });
}
