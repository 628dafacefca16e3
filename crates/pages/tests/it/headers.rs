//! Headers of every page, its files, and its size on the first visit.

use actix_web::http::Method;
use yilin_domain::account::Role;

use crate::access::routes;
use crate::world::{actor, run};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Whether it is stored as a file, or a part of a page for a script.
fn is_file(path: &str) -> bool {
    let ends = ["/audit/heads", "/export", "/import/template", "/rows", "/progress"];
    ends.iter().any(|end| path.ends_with(end))
}

#[test]
fn every_page_has_the_content_policy_and_is_stored_nowhere() {
    run(async |world| {
        let patient = world.account(Role::Patient, "王秀英").await;
        let physician = world.account(Role::Physician, "李建国").await;
        let id = world.registered(&patient, &physician).await.to_string();
        let by = actor(&world.first_admin().await);
        let import = crate::imports::checked(world, &by).await.to_string();
        let mut admin = world.admin().await;
        let paths = routes().iter().filter(|route| route.method == Method::GET);
        let person = patient.uuid.to_string();
        let record = |path: &str| match path {
            path if path.starts_with("/console/people/") => person.clone(),
            path if path.starts_with("/console/import/") => import.clone(),
            _ => id.clone(),
        };
        let paths = paths.map(|route| route.path.replace("{id}", &record(route.path)));
        let pages = paths
            .filter(|path| !path.contains('{') && path != "/console/events" && path != "/")
            .filter(|path| !is_file(path));
        let mut pages: Vec<String> = pages.collect();
        pages.extend(["/console/nowhere", "/console/visits/999", "/console/visits/x"].map(str::to_owned));
        for path in pages {
            let page = admin.get(&path).await;
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
            assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
            if page.status.as_u16() == 303 {
                continue;
            }
            assert_eq!(page.header("content-security-policy"), POLICY, "{path}");
            assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
            assert_eq!(page.header("content-language"), "zh-CN", "{path}");
            // Nothing that the policy would refuse.
            for (css, attribute) in [("[style]", "style"), ("[onclick]", "onclick"), ("style", "type")] {
                assert!(page.all(css, attribute).is_empty(), "{path}: {css}");
            }
            assert!(page.all("script:not([src])", "type").is_empty(), "{path}");
            let files = page
                .all("script", "src")
                .into_iter()
                .chain(page.all("link:not([rel=expect]), img, video", "href"));
            for file in files.chain(page.all("img, video", "src")) {
                assert!(file.starts_with('/') && !file.starts_with("//"), "{path}: {file}");
            }
            assert_eq!(page.all("html", "lang"), ["zh-CN"], "{path}");
        }
    });
}

#[test]
fn files_are_kept_for_ever_under_the_name_of_their_content() {
    run(async |world| {
        let mut browser = world.admin().await;
        let page = browser.get("/console").await.expect(200);
        let mut bytes = page.html.len();
        let files: Vec<_> =
            page.all("link:not([rel=expect])", "href").into_iter().chain(page.all("script", "src")).collect();
        for path in &files {
            let file = browser.get(path).await.expect(200);
            assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable", "{path}");
            let expected = match path.rsplit_once('.').unwrap().1 {
                "css" => "text/css; charset=utf-8",
                "js" => "text/javascript; charset=utf-8",
                _ => "image/svg+xml",
            };
            assert_eq!(file.header("content-type"), expected, "{path}");
            bytes += file.html.len();
        }
        assert!(bytes < 60 * 1024, "the first visit takes {bytes} bytes");
        assert!(files.len() < 8, "the first visit takes {} requests", files.len() + 1);
        browser.get("/console/assets/console.css").await.expect(404);
        browser.get("/console/assets/..%2f..%2fCargo.toml").await.expect(404);
    });
}

#[test]
fn the_interface_answers_as_before_beside_the_console() {
    run(async |world| {
        let get = async |path: &str| world.http.get(format!("{}{path}", world.base)).send().await.unwrap();
        let api = get("/api/nowhere").await;
        assert_eq!(api.headers()["content-type"], "application/json");
        let other = get("/consolex").await;
        assert_eq!(
            (other.status().as_u16(), &other.headers()["content-type"].to_str().unwrap()[..16]),
            (404, "application/json")
        );
        let mut browser = world.browser();
        browser.get("/console/nowhere").await.expect(404).shows("没有这个页面");
        let page = browser.send(reqwest::Method::DELETE, "/console", None).await.expect(405);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    });
}
