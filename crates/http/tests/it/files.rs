//! Files: access and delivery.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use yilin_testkit::form;

use crate::answer::Client;
use crate::arrange::{Case, Person};
use crate::on_every_backend;
use crate::world::{Backend, World, run};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the picture";

async fn upload(client: &Client<'_>, bytes: &[u8]) -> (StatusCode, Value) {
    let request = client.request(Method::POST, "/api/upload").header("content-type", form::CONTENT_TYPE);
    let response = request.body(form::with_file(bytes)).send().await.unwrap();
    (response.status(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

async fn uploaded(world: &World, by: &Person<'_>, bytes: &[u8]) -> String {
    let (status, json) = upload(&by.client, bytes).await;
    assert_eq!(status, 200, "{json}");
    json["data"][0].as_str().unwrap().strip_prefix(&world.base).unwrap().to_owned()
}

impl World {
    /// The path of a new link to a file uploaded by this account.
    pub(crate) async fn file_of(&self, by: &Person<'_>) -> String {
        uploaded(self, by, PNG).await
    }
}

async fn status(client: &Client<'_>, path: &str) -> u16 {
    client.request(Method::GET, path).send().await.unwrap().status().as_u16()
}

on_every_backend! {
    async fn referencing_a_file_does_not_grant_access(world: &World) {
        let case = Case::new(world).await;
        let owner = world.patients(1).await.remove(0);
        let path = uploaded(world, &owner, PNG).await;
        let cid = path.split('/').nth(2).unwrap();
        let bare = format!("/ipfs/{cid}");
        assert_eq!(status(&owner.client, &bare).await, 200);
        assert_eq!(status(&case.admin.client, &bare).await, 200);
        assert_eq!(status(&case.physician.client, &bare).await, 403);
        assert_eq!(status(&world.anonymous(), &bare).await, 403);

        // A physician who knows the CID references it in each form, and gets no link.
        let id = case.accepted().await;
        world.fakes.clock.advance(chrono::TimeDelta::hours(2));
        let expired = format!("{}{path}", world.base);
        let record = case.physician.client.post("/api/medical/medicalRegistration", json!({
            "bind_inquiry_id": id, "inquiry_video": expired, "medical_img": cid, "is_need_by_drug": false,
        })).await.payload();
        assert_eq!((&record["inquiry_video"], &record["medical_img"]), (&json!(expired), &json!(cid)));
        assert_eq!(status(&world.anonymous(), &path).await, 403, "the token has expired");

        // An account that uploads the same bytes has them anyway; then the record grants access.
        let second = case.accepted().await;
        uploaded(world, &case.physician, PNG).await;
        let record = case.physician.client.post("/api/medical/medicalRegistration", json!({
            "bind_inquiry_id": second, "inquiry_video": cid, "medical_img": expired, "is_need_by_drug": false,
        })).await.payload();
        for field in ["inquiry_video", "medical_img"] {
            let link = record[field].as_str().unwrap().strip_prefix(&world.base).unwrap();
            assert_eq!(status(&world.anonymous(), link).await, 200);
        }
    }
}

#[test]
fn a_denied_read_looks_the_same_for_missing_files() {
    run(Backend::Fakes, async |world| {
        let patients = world.patients(2).await;
        let path = uploaded(world, &patients[0], PNG).await;
        let cid = path.split('/').nth(2).unwrap();
        let unknown = crate::arrange::CID;
        let mut told = Vec::new();
        for cid in [cid, unknown, "nonsense"] {
            for client in [world.anonymous(), patients[1].client.clone()] {
                for path in [format!("/ipfs/{cid}"), format!("/ipfs/{cid}/0.AAAA")] {
                    let mut answer = client.get(&path).await.expect(403);
                    answer.json["request_id"] = Value::Null;
                    told.push(answer.json);
                }
            }
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
        // A token is bound to one file.
        let token = path.rsplit('/').next().unwrap();
        assert_eq!(status(&world.anonymous(), &format!("/ipfs/{unknown}/{token}")).await, 403);
    });
}

#[test]
fn files_support_ranges_and_etags() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        let path = uploaded(world, &patient, PNG).await;
        let size = PNG.len();
        let get = async |name: &'static str, value: &str| {
            world.anonymous().request(Method::GET, &path).header(name, value).send().await.unwrap()
        };
        let whole = get("accept", "*/*").await;
        let tag = whole.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(whole.headers()["content-type"], "image/png");
        assert_eq!(whole.headers()["content-security-policy"], "sandbox; default-src 'none'");
        assert_eq!(whole.bytes().await.unwrap(), PNG);
        for (range, status, content_range, body) in [
            ("bytes=0-0", 206, Some(format!("bytes 0-0/{size}")), &PNG[..1]),
            ("bytes=8-", 206, Some(format!("bytes 8-{}/{size}", size - 1)), &PNG[8..]),
            ("bytes=-3", 206, Some(format!("bytes {}-{}/{size}", size - 3, size - 1)), &PNG[size - 3..]),
            ("bytes=5-9999", 206, Some(format!("bytes 5-{}/{size}", size - 1)), &PNG[5..]),
            ("bytes=9999-", 416, Some(format!("bytes */{size}")), &[]),
            ("bytes=0-0,2-3", 200, None, PNG),
            ("lines=1-2", 200, None, PNG),
            ("bytes=7-3", 200, None, PNG),
        ] {
            let part = get("range", range).await;
            assert_eq!(part.status().as_u16(), status, "{range}");
            assert_eq!(part.headers()["content-security-policy"], "sandbox; default-src 'none'", "{range}");
            assert_eq!(part.headers()["x-content-type-options"], "nosniff", "{range}");
            let told = part.headers().get("content-range").map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(told, content_range, "{range}");
            assert_eq!(part.bytes().await.unwrap(), body, "{range}");
        }
        assert_eq!(get("if-none-match", &tag).await.status(), 304);
        assert_eq!(get("if-none-match", "\"other\"").await.status(), 200);
        let head = world.anonymous().request(Method::HEAD, &path).send().await.unwrap();
        assert_eq!(
            (head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()),
            (200, &*size.to_string())
        );
        assert!(head.bytes().await.unwrap().is_empty());
    });
}

#[test]
fn a_rejected_upload_leaves_nothing() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0).client;
        let send = async |kind: &str, body: &str| {
            let request = patient.request(Method::POST, "/api/upload").header("content-type", kind);
            request.body(body.to_owned()).send().await.unwrap().status().as_u16()
        };
        let part =
            |name: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nbytes\r\n");
        let many: String = (0..40).map(|n| part(&format!("f{n}"))).collect();
        assert_eq!(send("application/json", "{}").await, 422);
        let form = "multipart/form-data; boundary=b";
        assert_eq!(send(form, &format!("{}--b--\r\n", part("other"))).await, 422, "no part of that name");
        assert_eq!(send(form, &format!("{}{}--b--\r\n", part("file"), part("file"))).await, 422);
        assert_eq!(send(form, &format!("{}{many}--b--\r\n", part("file"))).await, 422);
        assert_eq!(send(form, &part("file")).await, 400, "the form is truncated");
        assert_eq!(send(form, "nonsense").await, 400);
        assert_eq!(upload(&patient, &vec![0; (1 << 20) + 1]).await.0, 413);
        assert!(world.fakes.files.is_empty());
        assert_eq!(upload(&patient, &vec![0; 1 << 20]).await.0, 200, "exactly the limit");
    });
}

#[test]
fn video_is_displayed_inline_and_unsupported_images_are_reported() {
    run(Backend::Fakes, async |world| {
        let patient = world.patients(1).await.remove(0);
        let file = |brands: &[u8]| {
            let size = u8::try_from(brands.len() + 12).unwrap();
            [&[0, 0, 0, size][..], b"ftyp", &brands[..4], &[0; 4], &brands[4..]].concat()
        };
        for (content, kind, notice) in [
            (file(b"iso8mp41"), "video/mp4", None),
            (file(b"XAVCmp42"), "video/mp4", None),
            (file(b"3gp63gp6"), "video/mp4", None),
            (file(b"hvc1iso8"), "video/mp4", None),
            (file(b"qt  qt  "), "video/quicktime", None),
            (file(b"heicmif1"), "application/octet-stream", Some("heic")),
            (file(b"mif1heic"), "application/octet-stream", Some("heic")),
            (file(b"avifmif1"), "application/octet-stream", None),
            (PNG.to_vec(), "image/png", None),
        ] {
            let request = patient.client.request(Method::POST, "/api/upload");
            let request = request.header("content-type", form::CONTENT_TYPE).body(form::with_file(&content));
            let uploaded = request.send().await.unwrap();
            let told =
                uploaded.headers().get("x-yilin-notice").map(|notice| notice.to_str().unwrap().to_owned());
            assert_eq!(told.as_deref(), notice, "{}", content.escape_ascii());
            let json: Value = serde_json::from_str(&uploaded.text().await.unwrap()).unwrap();
            let path = json["data"][0].as_str().unwrap().strip_prefix(&world.base).unwrap().to_owned();
            let served = world.anonymous().request(Method::GET, &path).send().await.unwrap();
            assert_eq!(served.headers()["content-type"], kind, "{}", content.escape_ascii());
            let is_inline = served.headers()["content-disposition"] == "inline";
            assert_eq!(is_inline, kind != "application/octet-stream");
        }
    });
}
