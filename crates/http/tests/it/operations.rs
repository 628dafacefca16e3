//! Routes for operators.

use std::collections::BTreeSet;
use std::io::Read as _;

use serde_json::{Value, json};
use yilin_domain::file::{NodeStatus, PinBacklog, Pinning};
use yilin_domain::port::Clock as _;

use crate::declared::ROUTES;
use crate::world::{Backend, run, run_adjusted};

#[test]
fn readiness_follows_the_database_and_has_retry_after() {
    run(Backend::Fakes, async |world| {
        world.anonymous().get("/readyz").await.expect(200);
        world.fakes.storage.go_down();
        let answer = world.anonymous().get("/readyz").await.expect_error(503, "service.database_unavailable");
        assert!(answer.headers.contains_key("retry-after"));
        world.anonymous().get("/healthz").await.expect(200);
        world.fakes.storage.recover();
        world.anonymous().get("/readyz").await.expect(200);
    });
}

#[test]
fn differing_clocks_are_a_warning() {
    run(Backend::Fakes, async |world| {
        for (milliseconds, warnings) in [
            (0, json!([])),
            (5000, json!([])),
            (5001, json!(["clock.offset"])),
            (-600_000, json!(["clock.offset"])),
        ] {
            world.clock_offset.store(milliseconds, std::sync::atomic::Ordering::Relaxed);
            let shown = world.anonymous().get("/readyz").await.payload();
            assert_eq!(shown["warnings"], warnings, "{milliseconds}");
            assert_eq!(shown["clock_offset_seconds"], milliseconds / 1000);
            let request = world.anonymous().request(reqwest::Method::GET, "/metrics");
            let metrics = request.send().await.unwrap().text().await.unwrap();
            let line = format!("yilin_clock_offset_seconds {}", milliseconds / 1000);
            assert!(metrics.contains(&line), "{metrics}");
        }
    });
}

#[test]
fn files_queued_for_the_ipfs_node_are_reported() {
    run(Backend::Fakes, async |world| {
        let metrics = async || {
            let request = world.anonymous().request(reqwest::Method::GET, "/metrics");
            request.send().await.unwrap().text().await.unwrap()
        };
        assert_eq!(world.anonymous().get("/readyz").await.payload()["ipfs"], Value::Null);
        let without_node = metrics().await;
        assert!(!without_node.contains("yilin_ipfs"));
        assert!(without_node.contains("yilin_audit_queued 0"), "{without_node}");

        let now = world.fakes.clock.now();
        let backlog =
            PinBacklog { files: 3, bytes: 5 << 30, since: Some(now - chrono::TimeDelta::minutes(2)) };
        world.fakes.files.set_pinning(Some(Pinning { node: NodeStatus::Unavailable, backlog }));
        let shown = world.anonymous().get("/readyz").await.payload();
        let since = yilin_testkit::contract::ZONE.render(now - chrono::TimeDelta::minutes(2));
        let expected = json!({
            "node": "unavailable", "queued_files": 3, "queued_bytes": 5_368_709_120_u64, "queued_since": since,
        });
        assert_eq!(shown["ipfs"], expected);
        let text = metrics().await;
        for line in [
            "yilin_ipfs_node_ready 0",
            "yilin_ipfs_queued_files 3",
            "yilin_ipfs_queued_bytes 5368709120",
            "yilin_ipfs_queued_seconds 120",
        ] {
            assert!(text.contains(line), "{text}");
        }
    });
}

#[test]
fn metrics_are_for_loopback_or_the_token() {
    run_adjusted(
        Backend::Fakes,
        |options| options.metrics_token = Some("secret".to_owned()),
        async |world| {
            let anonymous = world.anonymous();
            let local = anonymous.request(reqwest::Method::GET, "/metrics").send().await.unwrap();
            assert_eq!(local.status(), 200);
            let forwarded = anonymous.with("x-forwarded-for", "203.0.113.9");
            forwarded.get("/metrics").await.expect_error(403, "access.forbidden");
            forwarded.with("authorization", "Bearer wrong").get("/metrics").await.expect(403);
            let scraped = forwarded.with("authorization", "Bearer secret");
            let text =
                scraped.request(reqwest::Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
            assert!(
                text.contains("http_request_duration_seconds_count{method=\"GET\",route=\"/metrics\""),
                "{text}"
            );
        },
    );
}

#[test]
fn the_description_and_its_page_are_self_contained() {
    run(Backend::Fakes, async |world| {
        let get = async |path: &str| {
            let response = world.anonymous().request(reqwest::Method::GET, path).send().await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
            response.text().await.unwrap()
        };
        let description: Value = serde_json::from_str(&get("/openapi.json").await).unwrap();
        assert!(description["openapi"].as_str().unwrap().starts_with("3.1"), "{}", description["openapi"]);
        let page = get("/docs").await;
        assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
        for asset in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
            assert!(page.contains(asset));
            let path = format!("/docs/{asset}");
            let plain = get(&path).await;
            let browser = world.anonymous().with("accept-encoding", "gzip, deflate, br, zstd");
            let packed = browser.request(reqwest::Method::GET, &path).send().await.unwrap();
            assert_eq!(packed.headers()["vary"], "Accept-Encoding", "{asset}");
            let coding = packed.headers().get("content-encoding").cloned();
            let mut bytes = packed.bytes().await.unwrap().to_vec();
            if asset == "swagger-initializer.js" {
                assert_eq!(coding, None, "it is made at run time");
            } else {
                assert_eq!(coding.unwrap(), "gzip", "{asset}");
                let mut unpacked = Vec::new();
                flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut unpacked).unwrap();
                bytes = unpacked;
            }
            assert!(bytes == plain.as_bytes(), "{asset}");
        }
        assert!(get("/docs/swagger-initializer.js").await.contains("/openapi.json"));
    });
}

/// It leaves out responses of other types.
#[test]
fn the_configuration_of_the_python_generator_has_every_type_of_file() {
    let mut files = BTreeSet::new();
    for route in ROUTES.iter() {
        for response in route.operation["responses"].as_object().unwrap().values() {
            let types = response["content"].as_object().into_iter().flat_map(|content| content.keys());
            files.extend(
                types.filter(|kind| *kind != "application/json" && !kind.starts_with("text/")).cloned(),
            );
        }
    }
    let configuration = include_str!("../../../../docs/openapi-python-client.yml");
    let (_, overrides) = configuration.split_once("content_type_overrides:\n").unwrap();
    let overrides =
        overrides.lines().map(|line| line.trim().strip_suffix(": application/octet-stream").unwrap());
    let overrides: BTreeSet<_> = overrides.map(|kind| kind.trim_matches('"').to_owned()).collect();
    assert_eq!(overrides, files);
}

#[test]
fn unknown_paths_and_methods_are_reported_in_the_envelope() {
    run(Backend::Fakes, async |world| {
        let anonymous = world.anonymous();
        for path in ["/api", "/api/", "/api/nothing", "/nothing", "/docs/nothing.js"] {
            anonymous.get(path).await.expect_error(404, "route.not_found");
        }
        anonymous.post("/api/user/verifyToken", None).await.expect_error(405, "route.method_not_allowed");
        anonymous.put("/healthz", None).await.expect_error(405, "route.method_not_allowed");
        let english = anonymous.with("accept-language", "en-GB,en;q=0.9").get("/api/nothing").await;
        assert_eq!(english.msg(), "There is no such route");
        assert_eq!(anonymous.get("/api/nothing").await.msg(), "没有这个接口");
    });
}

#[test]
fn answers_carry_the_headers_that_browsers_need() {
    run(Backend::Fakes, async |world| {
        // The same route in two spellings.
        for path in ["/api/user/queryUserMessage", "/%61pi/user/queryUserMessage"] {
            let answer = world.anonymous().get(path).await.expect(401);
            for (name, value) in [
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
            ] {
                assert_eq!(answer.headers[name], value, "{path}: {name}");
            }
            assert!(!answer.headers.contains_key("access-control-allow-origin"));
        }
    });
}

#[test]
fn every_route_rejects_unknown_methods_in_the_envelope() {
    run(Backend::Fakes, async |world| {
        let served = world.anonymous().request(reqwest::Method::GET, "/openapi.json").send().await.unwrap();
        assert!(served.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
        let served = served.text().await.unwrap();
        assert_eq!(served, yilin_http::openapi_json().unwrap());
        let description: Value = serde_json::from_str(&served).unwrap();
        for path in description["paths"].as_object().unwrap().keys() {
            let answer = world.anonymous().send(reqwest::Method::PATCH, path, None).await;
            if path == crate::chat::PATH {
                assert_eq!(answer.expect(405).json["error"]["code"], "route.method_not_allowed");
            } else {
                answer.expect_error(405, "route.method_not_allowed");
            }
        }
    });
}

#[test]
fn the_interactive_page_loads_nothing_from_other_servers() {
    run(Backend::Fakes, async |world| {
        for page in ["/docs", "/docs/", "/docs/index.html"] {
            let html = world.anonymous().request(reqwest::Method::GET, page).send().await.unwrap();
            let html = html.text().await.unwrap();
            let mut asked = 0;
            for attribute in ["src=\"", "href=\""] {
                for rest in html.split(attribute).skip(1) {
                    let named = rest.split('"').next().unwrap();
                    let base = reqwest::Url::parse(&world.base).unwrap().join("/docs/").unwrap();
                    let url = base.join(named).unwrap();
                    assert!(url.as_str().starts_with(&world.base), "{page} requests {url}");
                    let part =
                        world.anonymous().request(reqwest::Method::GET, url.path()).send().await.unwrap();
                    assert_eq!(part.status(), 200, "{url}");
                    asked += 1;
                }
            }
            assert!(asked >= 3, "{page} makes too few requests");
        }
    });
}
