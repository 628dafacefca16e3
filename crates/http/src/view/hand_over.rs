//! The result of a hand-over.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::usecase::HandedOver;
use yilin_web::audit::{Discloses, Disclosure};

/// How much of a physician's work was handed over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HandedOver)]
pub(crate) struct HandedOverView {
    /// How many inquiries.
    inquiries: u64,
    /// How many drug orders.
    drug_orders: u64,
}

impl From<HandedOver> for HandedOverView {
    fn from(HandedOver { inquiries, drug_orders }: HandedOver) -> Self {
        Self { inquiries, drug_orders }
    }
}

/// Numbers.
impl Discloses for HandedOverView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}
