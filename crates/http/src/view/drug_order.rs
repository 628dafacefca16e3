//! Drug orders.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::account::Actor;
use yilin_domain::drug_order::DrugOrderDetails;
use yilin_domain::file::{FileReference, LinkedKind, LinkedRecord};
use yilin_web::Service;
use yilin_web::audit::{Discloses, Disclosure};

use super::inquiry::reserved_phone;
use super::wire::{Uuid, Wire, WireDrugOrderStatus, WireSex, WireVisitType, years};

/// A drug order with the consultation that led to it. It has no `id`: the console treats a row with one as an
/// inquiry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DrugOrder)]
pub(crate) struct DrugOrderView {
    drug_id: i64,
    medical_id: i64,
    inquiry_id: i64,
    patient: Uuid,
    physician: Uuid,
    patient_username: String,
    patient_sex: WireSex,
    #[schema(required)]
    patient_age: Option<u8>,
    physician_username: String,
    hospital: String,
    #[serde(rename = "type")]
    visit_type: WireVisitType,
    appointment_time: String,
    reserved_phone: String,
    inquiry_detail: String,
    diagnostic_description: String,
    inquiry_video: String,
    medical_img: String,
    /// Empty until the order is dispatched.
    delivery_certificate: String,
    /// 1 once the consultation has ended.
    #[schema(minimum = 0, maximum = 1)]
    is_inquiry: u8,
    /// 1 once the physician has accepted.
    #[schema(minimum = 0, maximum = 1)]
    is_reception: u8,
    /// 1 once the drugs have been purchased.
    #[schema(minimum = 0, maximum = 1)]
    already_buy: u8,
    /// 1 once receipt has been confirmed.
    #[schema(minimum = 0, maximum = 1)]
    is_receive: u8,
    status: WireDrugOrderStatus,
    create_time: String,
    update_time: String,
}

impl DrugOrderView {
    /// The order, as this reader sees it.
    pub(crate) fn new(details: &DrugOrderDetails, reader: &Actor, service: &Service) -> Self {
        let (order, notes, time) = (&details.order, &details.notes, service.hospital_time());
        let place = LinkedRecord { kind: LinkedKind::DrugOrder, id: order.id.0, patient: order.patient };
        let show = |file: &FileReference| service.use_cases.files.show(reader, place, file);
        let status = order.status();
        Self {
            drug_id: order.id.0,
            medical_id: order.medical_record.0,
            inquiry_id: order.inquiry.0,
            patient: order.patient.into(),
            physician: order.physician.into(),
            patient_username: details.patient_username.as_str().to_owned(),
            patient_sex: Wire(details.patient_sex),
            patient_age: years(details.patient_age, time),
            physician_username: details.physician_username.as_str().to_owned(),
            hospital: details.hospital.as_str().to_owned(),
            visit_type: Wire(details.visit_type),
            appointment_time: details.appointment_time.to_string(),
            reserved_phone: reserved_phone(details.reserved_phone.as_ref()),
            inquiry_detail: details.inquiry_detail.as_str().to_owned(),
            diagnostic_description: notes.diagnostic_description.as_str().to_owned(),
            inquiry_video: show(&notes.inquiry_video),
            medical_img: show(&notes.medical_img),
            delivery_certificate: order.certificate().map(show).unwrap_or_default(),
            is_inquiry: details.inquiry_state.status().has_ended().into(),
            is_reception: details.inquiry_state.is_accepted().into(),
            already_buy: status.is_purchased().into(),
            is_receive: status.is_received().into(),
            status: Wire(status),
            create_time: time.render(order.created_at),
            update_time: time.render(order.updated_at),
        }
    }

    /// The order in a form that the app can pass on: it puts whole orders, unescaped, into the URL of its
    /// next page, where `&` truncates them and `+` and `%41` change. Such characters are replaced by their
    /// full-width forms.
    pub(crate) fn safe_in_address(mut self) -> Self {
        for text in [
            &mut self.patient_username,
            &mut self.physician_username,
            &mut self.hospital,
            &mut self.reserved_phone,
            &mut self.inquiry_detail,
            &mut self.diagnostic_description,
            &mut self.inquiry_video,
            &mut self.medical_img,
            &mut self.delivery_certificate,
        ] {
            if text.contains(['&', '+', '%']) {
                *text = widen(text);
            }
        }
        self
    }
}

/// Replaces `&`, `+`, and a `%` before two hexadecimal digits by their full-width forms.
fn widen(text: &str) -> String {
    let bytes = text.as_bytes();
    let escapes =
        |at: usize| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    text.char_indices()
        .map(|(at, c)| match c {
            '&' => '＆',
            '+' => '＋',
            '%' if escapes(at) => '％',
            other => other,
        })
        .collect()
}

impl Discloses for DrugOrderView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::of("drug_order", &self.drug_id, self.patient.0)
    }
}

#[cfg(test)]
mod tests {
    use super::widen;

    #[test]
    fn only_url_delimiters_are_widened() {
        for (text, expected) in [
            ("A & B", "A ＆ B"),
            ("1+1", "1＋1"),
            ("50% 到 60%", "50% 到 60%"),
            ("%41%4", "％41%4"),
            ("%%41", "%％41"),
            ("%", "%"),
            ("头%痛", "头%痛"),
        ] {
            assert_eq!(widen(text), expected);
        }
    }
}
