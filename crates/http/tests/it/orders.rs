//! Lists of drug orders: filters, and texts that the app passes in page URLs.

use serde_json::{Value, json};

use crate::arrange::{CID, Case, inquiry_body};
use crate::objects::has_exactly;
use crate::on_every_backend;
use crate::world::World;

const LISTS: [&str; 3] =
    ["queryPatientAgentDrugHistory", "queryPhysiciansAgentHistoryRecord", "queryAllDrug"];

/// A text with all characters that break a URL, and how a row shows it.
const AWKWARD: &str = "A&B 1+1 %41 %4 %zz 100% &amp;%26";
const SHOWN: &str = "A＆B 1＋1 ％41 %4 %zz 100% ＆amp;％26";

impl Case<'_> {
    async fn list(&self, route: &str, query: &str) -> Value {
        let person = match route {
            "queryPatientAgentDrugHistory" => &self.patient,
            "queryPhysiciansAgentHistoryRecord" => &self.physician,
            _ => &self.admin,
        };
        person.client.get(&format!("/api/drug/{route}?{query}")).await.payload()
    }

    async fn advance(&self, order: i64, steps: usize) {
        let (admin, physician) = (&self.admin.client, &self.physician.client);
        for (client, path) in [
            (physician, format!("/api/drug/physiciansOrderAgentDrug?id={order}")),
            (physician, format!("/api/drug/physiciansOrderDelivery?id={order}&certificate={CID}")),
            (admin, format!("/api/drug/hospitalAgentDrugConfirmReceipt?id={order}")),
        ]
        .into_iter()
        .take(steps)
        {
            client.post(&path, None).await.expect(200);
        }
    }
}

on_every_backend! {
    async fn each_filter_of_drug_orders_shows_its_statuses(world: &World) {
        let case = Case::new(world).await;
        let mut orders = Vec::new();
        for steps in 0..4 {
            let order = case.ordered().await;
            case.advance(order, steps).await;
            orders.push(order);
        }
        let [pending, purchased, dispatched, received] = orders[..] else { panic!("four were made") };
        // Another physician's: only the admin sees it.
        let other = Case::new(world).await.ordered().await;
        for route in LISTS {
            for (raw, expected) in [
                ("", vec![received, dispatched, purchased, pending]),
                ("raw=", vec![received, dispatched, purchased, pending]),
                ("raw=0", vec![received, dispatched, purchased, pending]),
                ("raw=1", vec![received, dispatched, purchased]),
                ("raw=2", vec![pending]),
                ("raw=3", vec![dispatched]),
                ("raw=4", vec![purchased]),
                ("raw=5", vec![received]),
            ] {
                let is_other_shown = route == "queryAllDrug" && (raw.len() < 5 || raw == "raw=0" || raw == "raw=2");
                let expected: Vec<i64> = is_other_shown.then_some(other).into_iter().chain(expected).collect();
                for paging in ["", "&size=50", "&page=1"] {
                    let list = case.list(route, &format!("{raw}{paging}")).await;
                    let shown: Vec<i64> =
                        list["list"].as_array().unwrap().iter().map(|row| row["drug_id"].as_i64().unwrap()).collect();
                    assert_eq!((&shown, &list["total"]), (&expected, &json!(expected.len())), "{route} {raw}{paging}");
                }
            }
            for bad in ["6", "-1", "x", "1.0", "true"] {
                let person = if route == LISTS[0] { &case.patient } else if route == LISTS[1] { &case.physician } else { &case.admin };
                person.client.get(&format!("/api/drug/{route}?raw={bad}")).await.expect_fields(&["raw"]);
            }
        }
    }

    async fn rows_can_be_passed_in_page_urls(world: &World) {
        let case = Case::new(world).await;
        case.admin.client.put("/api/user/updatePhysicianInformation", json!({
            "uuid": case.physician.uuid(), "hospital": AWKWARD,
        })).await.expect(200);
        let mut body = inquiry_body();
        body["inquiry_detail"] = json!(AWKWARD);
        let id = case.patient.client.post("/api/inquiry/createInquiryRecord", body).await.payload()["id"].as_i64().unwrap();
        let appoint = format!("/api/inquiry/appointedPhysician?id={id}&userUUID={}", case.physician.uuid());
        case.admin.client.post(&appoint, None).await.expect(200);
        let accept = format!("/api/inquiry/physicianReception?id={id}&isReception=true");
        case.physician.client.put(&accept, None).await.expect(200);
        let mut body = crate::arrange::registration_body(id, true);
        body["diagnostic_description"] = json!(AWKWARD);
        let record = case.physician.client.post("/api/medical/medicalRegistration", body).await.payload();
        assert_eq!(record["diagnostic_description"], AWKWARD);

        for route in LISTS {
            let expected = if route == "queryAllDrug" { AWKWARD } else { SHOWN };
            for paging in ["", "page=1"] {
                let row = case.list(route, paging).await["list"][0].clone();
                for field in ["inquiry_detail", "diagnostic_description", "hospital"] {
                    assert_eq!(row[field], expected, "{route} {field}");
                }
            }
        }
        let exact = case.list("queryAllDrug", "").await["list"][0].clone();
        let path = format!("/api/drug/queryDrugByID?id={}", exact["drug_id"]);
        assert_eq!(case.patient.client.get(&path).await.payload(), exact);
        let path = format!("/api/drug/queryDrugByMedicalId?medical_id={}", record["id"]);
        assert_eq!(case.physician.client.get(&path).await.payload(), exact);
        let path = format!("/api/inquiry/queryInquiryRecordById?id={id}");
        assert_eq!(case.patient.client.get(&path).await.payload()["inquiry_detail"], AWKWARD);
    }

    async fn an_order_has_exactly_the_documented_members(world: &World) {
        let case = Case::new(world).await;
        let order = case.ordered().await;
        let order = case.patient.client.get(&format!("/api/drug/queryDrugByID?id={order}")).await.payload();
        has_exactly(&order, "DrugOrder", &[]);
        assert_eq!((&order["patient"], &order["physician"]), (&case.patient.account["uuid"], &case.physician.account["uuid"]));
        for (member, of) in [
            ("patient_username", &case.patient.account["username"]), ("patient_sex", &case.patient.account["sex"]),
            ("patient_age", &case.patient.account["age"]), ("physician_username", &case.physician.account["username"]),
            ("hospital", &case.physician.account["hospital"]), ("reserved_phone", &case.patient.account["phone"]),
        ] {
            assert_eq!(&order[member], of, "{member}");
        }
    }
}
