//! Every route and its handler.

use actix_web::web::{self, ServiceConfig, delete, get, head, post, put};

use crate::error::ApiError;
use crate::handler::{
    account, ai, audit, documentation, drug, file, inquiry, medical, mock, operations, roster, session,
    statistics,
};
use crate::service::Service;

/// The largest JSON body: the longest texts, every character escaped, with room to spare.
const MAX_BODY_BYTES: usize = 1 << 20;

/// Registers every route.
pub(crate) fn configure(config: &mut ServiceConfig, service: &Service) {
    config
        .app_data(web::Data::new(service.clone()))
        .app_data(web::PayloadConfig::new(MAX_BODY_BYTES))
        .service(
            web::scope("/api")
                .configure(sessions_and_accounts)
                .configure(inquiries)
                .configure(consultations_and_drugs)
                .configure(statistics_and_mock)
                .configure(rosters)
                .configure(|config| assistant(config, service))
                .service(at("/upload").route(post().to(file::upload)))
                .default_service(web::to(no_such_route)),
        )
        .service(at("/ipfs/{cid}").route(get().to(file::by_account)).route(head().to(file::by_account)))
        .service(at("/ipfs/{cid}/{token}").route(get().to(file::by_token)).route(head().to(file::by_token)))
        .service(at("/healthz").route(get().to(operations::health)))
        .service(at("/readyz").route(get().to(operations::ready)))
        .service(at("/metrics").route(get().to(operations::metrics)))
        .service(at("/openapi.json").route(get().to(documentation::description)))
        .service(at("/docs").route(get().to(documentation::page)))
        .service(at("/docs/{path:.*}").route(get().to(documentation::asset)))
        .default_service(web::to(no_such_route));
}

fn sessions_and_accounts(config: &mut ServiceConfig) {
    config
        .service(at("/user/login").route(post().to(session::log_in)))
        .service(at("/user/adminLogin").route(post().to(session::admin_log_in)))
        .service(at("/user/verifyToken").route(get().to(session::verify_token)))
        .service(at("/user/logOut").route(get().to(session::log_out)))
        .service(at("/logout").route(post().to(session::log_out_post)))
        .service(at("/user/queryUserMessage").route(get().to(account::own)))
        .service(at("/user/queryPatientInformation").route(get().to(account::patients)))
        .service(at("/user/queryDoctorInformation").route(get().to(account::physicians)))
        .service(at("/user/likeAccountByCV").route(get().to(account::search)))
        .service(at("/user/accessLog").route(get().to(audit::own)))
        .service(at("/audit").route(get().to(audit::all)))
        .service(at("/user/updatePatientInformation").route(put().to(account::update_patient)))
        .service(at("/user/updatePhysicianInformation").route(put().to(account::update_physician)));
}

fn rosters(config: &mut ServiceConfig) {
    config
        .service(at("/user/uploadUserMessage").route(post().to(roster::import)))
        .service(at("/user/importJob").route(get().to(roster::job)))
        .service(at("/user/importJob/events").route(get().to(roster::events)))
        .service(at("/user/importTemplate").route(get().to(roster::template)))
        .service(at("/user/importReport").route(get().to(roster::report)));
}

fn inquiries(config: &mut ServiceConfig) {
    config
        .service(at("/inquiry/createInquiryRecord").route(post().to(inquiry::create)))
        .service(at("/inquiry/approveInquiryRecord").route(put().to(inquiry::approve)))
        .service(at("/inquiry/appointedPhysician").route(post().to(inquiry::appoint)))
        .service(at("/inquiry/physicianReception").route(put().to(inquiry::answer)))
        .service(at("/inquiry/queryInquiryRecordById").route(get().to(inquiry::find)))
        .service(at("/inquiry/queryAllInquiryRecord").route(get().to(inquiry::all)))
        .service(at("/inquiry/queryPhysicianInquiryRecord").route(get().to(inquiry::of_physician)))
        .service(at("/inquiry/queryPatientInquiryRecord").route(get().to(inquiry::of_patient)))
        .service(at("/inquiry/likeQueryInquiryRecord").route(get().to(inquiry::search)));
}

fn consultations_and_drugs(config: &mut ServiceConfig) {
    config
        .service(at("/medical/queryMedialRecordInformation").route(get().to(medical::of_inquiry)))
        .service(at("/medical/queryMedicalByID").route(get().to(medical::find)))
        .service(at("/medical/medicalRegistration").route(post().to(medical::register)))
        .service(at("/drug/queryPatientAgentDrugHistory").route(get().to(drug::of_patient)))
        .service(at("/drug/queryPhysiciansAgentHistoryRecord").route(get().to(drug::of_physician)))
        .service(at("/drug/queryAllDrug").route(get().to(drug::all)))
        .service(at("/drug/queryDrugByID").route(get().to(drug::find)))
        .service(at("/drug/queryDrugByMedicalId").route(get().to(drug::of_medical_record)))
        .service(at("/drug/physiciansOrderAgentDrug").route(post().to(drug::purchase)))
        .service(at("/drug/physiciansOrderDelivery").route(post().to(drug::dispatch)))
        .service(at("/drug/hospitalAgentDrugConfirmReceipt").route(post().to(drug::confirm_receipt)));
}

fn statistics_and_mock(config: &mut ServiceConfig) {
    config
        .service(at("/sum/getInquirySumTypeDay").route(get().to(statistics::visits)))
        .service(at("/sum/getDrugSumTypeDay").route(get().to(statistics::drug_orders)))
        .service(at("/mock/generatePatientAccount").route(get().to(mock::patients)))
        .service(at("/mock/generatePhysicianAccount").route(get().to(mock::physicians)))
        .service(at("/mock/testFullSystem").route(get().to(mock::flows)));
}

fn assistant(config: &mut ServiceConfig, service: &Service) {
    config
        .service(
            at("/v1/chat/completions")
                .app_data(web::PayloadConfig::new(service.options.chat.bytes))
                .route(post().to(ai::complete)),
        )
        .service(at("/ai/getMedicalSum").route(get().to(ai::medical_summary)))
        .service(
            at("/ai/conversation")
                .route(get().to(ai::conversation))
                .route(delete().to(ai::forget_conversation)),
        );
}

/// A path, which answers unknown methods in the envelope.
fn at(path: &str) -> actix_web::Resource {
    web::resource(path)
}

async fn no_such_route() -> Result<actix_web::HttpResponse, ApiError> {
    Err(ApiError::NoSuchRoute)
}
