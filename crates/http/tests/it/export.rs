//! The export of one's own data.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use reqwest::Method;
use serde_json::{Value, json};
use yilin_testkit::{eventually, form};

use crate::arrange::{CID, Case, Person, registration_body};
use crate::on_every_backend;
use crate::standing::second_admin;
use crate::world::World;

const EXPORT: &str = "/api/user/exportMyData";

/// The files of somebody's export.
async fn export(person: &Person<'_>) -> HashMap<String, Vec<u8>> {
    let response = person.client.request(Method::GET, EXPORT).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/zip");
    let bytes = response.bytes().await.unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = HashMap::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert!(
            files.insert(file.name().unwrap().into_owned(), content).is_none(),
            "each file is there once"
        );
    }
    files
}

fn data(files: &HashMap<String, Vec<u8>>) -> Value {
    serde_json::from_slice(&files["data.json"]).unwrap()
}

fn page(files: &HashMap<String, Vec<u8>>) -> &str {
    std::str::from_utf8(&files["index.html"]).unwrap()
}

/// Uploads a file; gives its URL.
async fn upload(person: &Person<'_>, content: &[u8]) -> String {
    let request =
        person.client.request(Method::POST, "/api/upload").header("content-type", form::CONTENT_TYPE);
    let answer: Value = request.body(form::with_file(content)).send().await.unwrap().json().await.unwrap();
    answer["data"][0].as_str().unwrap().to_owned()
}

on_every_backend! {
    async fn a_patient_gets_everything_and_nobody_elses_data(world: &World) {
        let case = Case::new(world).await;
        let admin = second_admin(world, "Zhang Admin").await;
        let neighbour = world.patients(1).await.remove(0);
        neighbour.client.post("/api/inquiry/createInquiryRecord", crate::arrange::inquiry_body()).await.expect(200);
        let id = case.accepted().await;
        let picture = upload(&case.physician, b"\x89PNG\r\n\x1a\n and the rest").await;
        let mut body = registration_body(id, true);
        body["medical_img"] = json!(picture);
        body["diagnostic_description"] = json!("<script>alert(1)</script> & \"高血压\"");
        let record = case.physician.client.post("/api/medical/medicalRegistration", body).await.payload();
        let back = format!("/api/inquiry/returnInquiryRecord?id={id}");
        admin.client.put(&back, json!({"reason": "照片不清楚"})).await.expect(200);
        let addendum = json!({"text": "补拍照片", "reason": "照片不清楚", "medical_img": picture});
        let path = format!("/api/medical/addAddendum?medicalId={}", record["id"]);
        case.physician.client.post(&path, addendum).await.expect(200);

        // Entries of the audit log are written a moment after what they record.
        eventually("the access log has entries", async || {
            !data(&export(&case.patient).await)["access_log"].as_array().unwrap().is_empty()
        })
        .await;
        let files = export(&case.patient).await;
        let data = data(&files);
        assert_eq!(data["account"]["phone"], case.patient.phone());
        assert_eq!(data["inquiries"][0]["id"], id);
        assert_eq!(data["inquiries"][0]["history"].as_array().unwrap().len(), 6, "{}", data["inquiries"][0]);
        assert_eq!(data["inquiries"][0]["history"][0]["from"], Value::Null);
        assert_eq!(data["inquiries"][0]["history"][4]["reason"], "照片不清楚");
        assert_eq!(data["inquiries"][0]["physician"], json!({"username": case.physician.account["username"]}));
        assert_eq!(data["medical_records"][0]["id"], record["id"]);
        assert_eq!(data["medical_records"][0]["addenda"][0]["text"], "补拍照片");
        assert_eq!(data["drug_orders"][0]["inquiry_id"], id);
        assert_eq!(data["drug_orders"][0]["history"].as_array().unwrap().len(), 1);
        assert_eq!(data["conversation"], json!([]));
        assert!(!data["access_log"].as_array().unwrap().is_empty());
        assert_eq!(data["missing_files"], json!([]));

        // The file is there once, where each record says, and what we do not hold is as it was given.
        let path = data["medical_records"][0]["medical_img"].as_str().unwrap();
        assert_eq!(files[path], b"\x89PNG\r\n\x1a\n and the rest");
        assert!(path.starts_with("files/") && path.contains(".png"), "{path}");
        assert_eq!(data["medical_records"][0]["addenda"][0]["medical_img"], path);
        assert_eq!(data["drug_orders"][0]["medical_img"], path);
        assert_eq!(data["medical_records"][0]["inquiry_video"], CID);
        assert_eq!(files.len(), 3);

        let page = page(&files);
        assert!(page.contains(&format!("<img src=\"{path}\"")) && page.contains("补拍照片"), "{page}");
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;高血压&quot;"));

        // Of others there are physicians' names alone.
        for (file, text) in [("data.json", data.to_string()), ("index.html", page.to_owned())] {
            assert!(text.contains(case.physician.account["username"].as_str().unwrap()), "{file}");
            for secret in [
                case.physician.phone(), case.physician.uuid(), neighbour.uuid(), neighbour.phone(),
                admin.uuid(), "Zhang Admin", case.admin.uuid(),
            ] {
                assert!(!text.contains(secret), "{file} tells {secret}");
            }
        }
    }

    async fn a_file_that_cannot_be_read_is_named(world: &World) {
        let case = Case::new(world).await;
        let id = case.accepted().await;
        let picture = upload(&case.physician, b"\x89PNG\r\n\x1a\n and the rest").await;
        let cid = picture.split("/ipfs/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let mut body = registration_body(id, false);
        body["medical_img"] = json!(picture);
        case.physician.client.post("/api/medical/medicalRegistration", body).await.expect(200);
        world.fakes.files.set_down(true);
        let files = export(&case.patient).await;
        assert_eq!(data(&files)["missing_files"], json!([cid]));
        assert!(page(&files).contains(&cid), "{}", page(&files));
        assert_eq!(data(&files)["inquiries"][0]["id"], id);
        assert_eq!(files.len(), 2, "the rest is there");
        world.fakes.files.set_down(false);
        assert_eq!(data(&export(&case.patient).await)["missing_files"], json!([]));
    }

    async fn staff_get_their_own_data_and_no_patients(world: &World) {
        let case = Case::new(world).await;
        case.ordered().await;
        for person in [&case.physician, &case.admin] {
            let files = export(person).await;
            let data = data(&files);
            assert_eq!(data["account"]["uuid"], person.uuid());
            for section in ["inquiries", "medical_records", "drug_orders"] {
                assert_eq!(data[section], json!([]), "{section}");
            }
            assert!(!data.to_string().contains(case.patient.uuid()));
            assert_eq!(files.len(), 2);
        }
        world.anonymous().get(EXPORT).await.expect(401);
    }

    async fn the_making_is_in_the_audit_log(world: &World) {
        let case = Case::new(world).await;
        export(&case.patient).await;
        let path = format!("/api/audit?patient={}&operation=exportMyData", case.patient.uuid());
        eventually("it is in the log", async || case.admin.client.get(&path).await.payload()["total"] == 1).await;
    }
}
