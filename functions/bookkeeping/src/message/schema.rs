//! The JSON Schema of a message, made from the wire's structures.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::wire::{Id, Time, WireCustomer, WireMerchant, WirePayment, WireRefund};

/// A transaction, customer or merchant as MioCommerce tells about it: the body of one SQS message.
///
/// At most 256 KiB of UTF-8 JSON. Absent and null mean the same; fields not named here are ignored.
#[derive(JsonSchema)]
#[schemars(tag = "type", rename = "Message")]
#[expect(
    dead_code,
    clippy::large_enum_variant,
    reason = "only its shape is used: it ties each type to what must stand beside it"
)]
enum SchemaOfMessage {
    /// Money came in.
    #[schemars(rename = "payment.captured")]
    PaymentCaptured {
        schema: SchemaNumber,
        merchant_id: Id,
        sent_at: Time,
        payment: WirePayment,
        /// Who paid. Absent or null: a walk-in.
        customer: Option<WireCustomer>,
    },
    /// Money went back.
    #[schemars(rename = "payment.refunded")]
    PaymentRefunded {
        schema: SchemaNumber,
        merchant_id: Id,
        sent_at: Time,
        refund: WireRefund,
        /// The payment the refund names, whole, so that the refund can be drawn up even where its payment never came.
        payment: Option<WirePayment>,
        /// Who was paid back. Absent or null: a walk-in.
        customer: Option<WireCustomer>,
    },
    /// A customer's profile changed.
    #[schemars(rename = "customer.updated")]
    CustomerUpdated {
        schema: SchemaNumber,
        merchant_id: Id,
        sent_at: Time,
        #[schemars(extend("required" = ["id", "version"]))]
        customer: WireCustomer,
    },
    /// A customer's data is to be erased.
    #[schemars(rename = "customer.erased")]
    CustomerErased {
        schema: SchemaNumber,
        merchant_id: Id,
        sent_at: Time,
        customer: ErasedCustomer,
    },
    /// A merchant's profile changed.
    #[schemars(rename = "merchant.updated")]
    MerchantUpdated {
        schema: SchemaNumber,
        merchant_id: Id,
        sent_at: Time,
        merchant: WireMerchant,
    },
}

/// The version of the contract.
#[derive(JsonSchema)]
#[schemars(extend("const" = 1))]
#[expect(dead_code, reason = "only its shape is used")]
struct SchemaNumber(u64);

/// A customer to be erased: the id alone.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its shape is used")]
struct ErasedCustomer {
    /// MioCommerce's id of the customer.
    id: Id,
}

/// Returns the JSON Schema (2020-12) of a message: one of five shapes, told apart by `type`.
///
/// The same text every time: it is compared with the copy under `infra/schemas`.
#[must_use]
pub fn schema() -> Value {
    SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<SchemaOfMessage>()
        .to_value()
}
