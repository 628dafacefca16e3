//! The complete workflow of an inquiry and its drug order, on every backend.

use serde_json::json;

use crate::arrange::{CID, Case, registration_body};
use crate::on_every_backend;
use crate::world::World;

on_every_backend! {
    async fn from_request_to_received_drugs(world: &World) {
        let case = Case::new(world).await;
        let (admin, physician, patient) = (&case.admin.client, &case.physician.client, &case.patient.client);

        let id = case.submitted().await;
        let inquiry = patient.get(&format!("/api/inquiry/queryInquiryRecordById?id={id}")).await.payload();
        assert_eq!(inquiry["physician"], json!({"uuid": "", "username": "", "sex": "", "hospital": ""}));
        assert_eq!(inquiry["patient"]["uuid"], case.patient.account["uuid"]);
        assert_eq!(inquiry["reserved_phone"], case.patient.account["phone"]);
        assert_eq!(inquiry["create_time"], "2024-03-01 12:00:00");

        let approve = format!("/api/inquiry/approveInquiryRecord?id={id}");
        admin.put(&approve, None).await.expect_error(409, "inquiry.not_assigned");
        let appoint = format!("/api/inquiry/appointedPhysician?id={id}&userUUID={}", case.physician.uuid());
        let inquiry = admin.post(&appoint, None).await.payload();
        assert_eq!((&inquiry["status"], &inquiry["is_reception"]), (&json!("assigned"), &json!(false)));
        assert_eq!(inquiry["physician"]["uuid"], case.physician.account["uuid"]);
        assert_eq!(admin.post(&appoint, None).await.payload(), inquiry, "the same one again changes nothing");

        let answer = format!("/api/inquiry/physicianReception?id={id}&isReception=");
        let inquiry = physician.put(&format!("{answer}false"), None).await.payload();
        assert_eq!((&inquiry["status"], &inquiry["physician"]["uuid"]), (&json!("submitted"), &json!("")));
        physician.put(&format!("{answer}true"), None).await.expect(404);
        admin.post(&appoint, None).await.expect(200);
        physician.post("/api/medical/medicalRegistration", registration_body(id, true)).await
            .expect_error(409, "inquiry.not_accepted");
        admin.put(&approve, None).await.expect_error(409, "inquiry.not_accepted");
        let inquiry = physician.put(&format!("{answer}true"), None).await.payload();
        assert_eq!((&inquiry["status"], &inquiry["is_reception"]), (&json!("accepted"), &json!(true)));
        physician.put(&format!("{answer}true"), None).await.expect_error(409, "inquiry.already_accepted");
        admin.post(&appoint, None).await.expect_error(409, "inquiry.already_accepted");
        admin.put(&approve, None).await.expect_error(409, "inquiry.not_registered");

        let of_inquiry = format!("/api/medical/queryMedialRecordInformation?inquiryId={id}");
        assert_eq!(patient.get(&of_inquiry).await.expect(200).json["data"], json!([]));
        let record = physician.post("/api/medical/medicalRegistration", registration_body(id, true)).await.payload();
        assert_eq!((&record["bind_inquiry_id"], &record["is_need_by_drug"]), (&json!(id), &json!(true)));
        assert_eq!(record["inquiry_video"], CID, "it was not uploaded, so it is stored as given");
        assert_eq!(patient.get(&of_inquiry).await.payload(), record);
        physician.post("/api/medical/medicalRegistration", registration_body(id, true)).await
            .expect_error(409, "inquiry.already_registered");
        let inquiry = admin.put(&approve, None).await.payload();
        assert_eq!((&inquiry["status"], &inquiry["is_audit"], &inquiry["is_inquiry"]), (&json!("approved"), &json!(true), &json!(true)));
        admin.put(&approve, None).await.expect_error(409, "inquiry.already_approved");

        let medical = record["id"].as_i64().unwrap();
        let order = patient.get(&format!("/api/drug/queryDrugByMedicalId?medical_id={medical}")).await.payload();
        assert_eq!((&order["already_buy"], &order["is_receive"], &order["is_inquiry"]), (&json!(0), &json!(0), &json!(1)));
        assert!(order.get("id").is_none(), "the console takes a row with an id for an inquiry");
        let drug = order["drug_id"].as_i64().unwrap();
        let buy = format!("/api/drug/physiciansOrderAgentDrug?id={drug}");
        let deliver = format!("/api/drug/physiciansOrderDelivery?id={drug}&certificate={CID}");
        let confirm = format!("/api/drug/hospitalAgentDrugConfirmReceipt?id={drug}");
        physician.post(&deliver, None).await.expect_error(409, "drug_order.not_purchased");
        admin.post(&confirm, None).await.expect_error(409, "drug_order.not_purchased");
        assert_eq!(physician.post(&buy, None).await.payload()["already_buy"], 1);
        physician.post(&buy, None).await.expect_error(409, "drug_order.already_purchased");
        admin.post(&confirm, None).await.expect_error(409, "drug_order.not_dispatched");
        let order = physician.post(&deliver, None).await.payload();
        assert_eq!((&order["status"], &order["delivery_certificate"]), (&json!("dispatched"), &json!(CID)));
        physician.post(&deliver, None).await.expect_error(409, "drug_order.already_dispatched");
        let order = admin.post(&confirm, None).await.payload();
        assert_eq!((&order["status"], &order["is_receive"]), (&json!("received"), &json!(1)));
        admin.post(&confirm, None).await.expect_error(409, "drug_order.already_received");
    }

    async fn many_concurrent_flows_complete(world: &World) {
        let admin = world.admin().await.client;
        let report = admin.get("/api/mock/testFullSystem?number=30&goroutineNumber=6").await.payload();
        assert_eq!(report, json!({"completed": 30, "failed": 0}));
        let list = admin.get("/api/drug/queryAllDrug?raw=5&size=1").await.payload();
        assert_eq!((&list["total"], &list["totalPages"]), (&json!(30), &json!(30)));
    }
}
