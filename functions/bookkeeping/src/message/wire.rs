//! The wire: a message as it is written, before anything in it is believed.
//!
//! Every field is optional here, so that absent and null are one, and so that what is missing is told with its path.
//! The JSON Schema under `infra/schemas` is made from these structures: their comments are its descriptions, and
//! `required` stands on what the reader insists on.

mod scalar;

use serde::Deserialize;

pub(super) use scalar::{
    CurrencyCode, Day, ExchangeRate, Id, Money, Object, QuantityText, Rate, Time, UnitPriceText,
};

/// A message of any type. Which of the last four must be there depends on the type.
#[derive(Debug, Deserialize)]
pub(super) struct WireMessage {
    pub(super) schema: Option<u64>,
    #[serde(rename = "type")]
    pub(super) message_type: Option<String>,
    pub(super) merchant_id: Option<Id>,
    pub(super) sent_at: Option<Time>,
    pub(super) payment: Option<Object<WirePayment>>,
    pub(super) refund: Option<Object<WireRefund>>,
    pub(super) customer: Option<Object<WireCustomer>>,
    pub(super) merchant: Option<Object<WireMerchant>>,
}

/// A payment: captured by us, or recorded by the merchant.
///
/// Tax-exclusive: the lines' amounts and their taxes add up to what the lines cost. Tax-inclusive: the amounts alone do.
/// Without `paid_before`, the lines cost exactly `amount`.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Payment")
)]
pub(super) struct WirePayment {
    /// MioCommerce's id of the payment.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) id: Option<Id>,
    /// The number people see, unique per merchant and document. Absent: the id.
    pub(super) reference: Option<String>,
    /// When it was captured or recorded. Dates the receipt, in the merchant's time zone.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) captured_at: Option<Time>,
    /// The day it was received, where it was recorded later than that. Wins over `captured_at`.
    pub(super) received_on: Option<Day>,
    /// The currency of every amount in the payment.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) currency: Option<CurrencyCode>,
    /// What was paid. Never negative.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) amount: Option<Money>,
    /// Where `currency` is foreign to the company: home units for one foreign unit.
    pub(super) exchange_rate: Option<ExchangeRate>,
    /// How it was paid: `card`, `debit`, `cash`, `cheque`, `etransfer`, `echeck`, `pad`, `paypal`, `square`, `venmo`, `zelle`,
    /// `coupon`, `ims`, `itex`, `none` (manual adjustment), or another word of at most 64 characters.
    #[cfg_attr(feature = "schema", schemars(required, extend("minLength" = 1, "maxLength" = 64, "examples" = ["card", "etransfer"])))]
    pub(super) method: Option<String>,
    /// The method's own number: of the cheque, the e-Transfer, the charge.
    pub(super) method_reference: Option<String>,
    /// The brand of the card.
    #[cfg_attr(feature = "schema", schemars(extend("examples" = ["visa", "mastercard"])))]
    pub(super) card_brand: Option<String>,
    /// Whether line amounts contain their taxes. Absent: they do not.
    pub(super) prices_include_tax: Option<bool>,
    /// Where `lines` describe a whole booking and this payment covers a part of it: what earlier payments covered, "0.00" for
    /// the first. The lines then cost at least this and `amount` together. Excludes the `deposit` kinds of line.
    pub(super) paid_before: Option<Money>,
    /// What it was for.
    pub(super) lines: Option<Vec<Object<WireLine>>>,
    /// Where the work was done.
    pub(super) service_address: Option<Object<WireAddress>>,
}

/// A line of a payment or refund.
///
/// `amount` = `quantity` times `unit_price` less `discount`, rounded half up to the currency, where the first two are given.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Line")
)]
pub(super) struct WireLine {
    /// Unique within the payment or refund.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) id: Option<Id>,
    /// What the line is for. `discount`, `deposit_applied` and `gift_card_redeemed` are negative, `rounding` (of cash) has either
    /// sign and at most five minor units (fifty where the currency has three decimals), the others are positive.
    #[cfg_attr(feature = "schema", schemars(required, extend("enum" = crate::transaction::LineKind::ALL.map(|kind| kind.as_str()))))]
    pub(super) kind: Option<String>,
    /// The booking's number, as people see it.
    pub(super) booking: Option<String>,
    /// Which of the merchant's services.
    pub(super) service: Option<Id>,
    /// What a person reads on the line.
    pub(super) description: Option<String>,
    /// The day the service was done.
    pub(super) service_date: Option<Day>,
    /// The team that did it.
    pub(super) team: Option<Id>,
    /// The territory it was done in.
    pub(super) territory: Option<Id>,
    /// How many.
    pub(super) quantity: Option<QuantityText>,
    /// Price of one.
    pub(super) unit_price: Option<UnitPriceText>,
    /// What was taken off this line; already taken off `amount`. Never negative.
    pub(super) discount: Option<Money>,
    /// What the line costs: without its taxes, or with them where `prices_include_tax`.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) amount: Option<Money>,
    /// The taxes charged on it, each id once.
    pub(super) taxes: Option<Vec<Object<WireTax>>>,
    /// Why there are no taxes. Only on a line without them. Absent: the merchant's "no tax" row.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["exempt", "zero_rated", "out_of_scope", null])))]
    pub(super) tax_treatment: Option<String>,
    /// On a discount: the ids of the lines it is taken off. Absent or empty: all taxable ones, by weight.
    pub(super) applies_to: Option<Vec<Id>>,
}

/// A tax charged on a line.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Tax")
)]
pub(super) struct WireTax {
    /// Which of the merchant's taxes.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) id: Option<Id>,
    /// Its name, as the merchant wrote it. Absent: the id.
    pub(super) name: Option<String>,
    /// Its rate. Absent: matched by name, with a warning.
    pub(super) rate: Option<Rate>,
    /// What was charged. Has the sign of its kind of line.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) amount: Option<Money>,
}

/// A refund.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Refund")
)]
pub(super) struct WireRefund {
    /// MioCommerce's id of the refund.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) id: Option<Id>,
    /// The number people see, unique per merchant and document. Absent: the id.
    pub(super) reference: Option<String>,
    /// How it came about; `returned` is a cheque or bank debit that bounced.
    #[cfg_attr(feature = "schema", schemars(required, extend("enum" = ["refund", "returned", "dispute", "void"])))]
    pub(super) kind: Option<String>,
    /// The payment it takes back, wholly or in part.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) payment_id: Option<Id>,
    /// How the money went back. Absent: as it came.
    pub(super) method: Option<String>,
    /// The method's own number.
    pub(super) method_reference: Option<String>,
    /// When the money went back. Dates the receipt, in the merchant's time zone.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) refunded_at: Option<Time>,
    /// The currency of every amount in the refund.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) currency: Option<CurrencyCode>,
    /// What went back. Above zero.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) amount: Option<Money>,
    /// Where `currency` is foreign to the company: home units for one foreign unit.
    pub(super) exchange_rate: Option<ExchangeRate>,
    /// Whether line amounts contain their taxes. Absent: they do not.
    pub(super) prices_include_tax: Option<bool>,
    /// What it takes back, with the signs of a payment's lines; costs exactly `amount`. Absent or empty: allocated over what
    /// remains of the payment.
    pub(super) lines: Option<Vec<Object<WireLine>>>,
    /// Why, in the operator's words.
    pub(super) reason: Option<String>,
}

/// A customer's profile as it stood when the message was sent.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Customer")
)]
pub(super) struct WireCustomer {
    /// MioCommerce's id of the customer.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) id: Option<Id>,
    /// The number people see.
    pub(super) number: Option<String>,
    /// Counts the changes of the profile; a greater one is newer. Must be there in `customer.updated`.
    pub(super) version: Option<u64>,
    /// When the profile last changed.
    pub(super) updated_at: Option<Time>,
    /// First name.
    pub(super) first_name: Option<String>,
    /// Last name.
    pub(super) last_name: Option<String>,
    /// The business, where the customer is one.
    pub(super) company_name: Option<String>,
    /// E-mail address.
    pub(super) email: Option<String>,
    /// E-mail address for bills, where it is another.
    pub(super) billing_email: Option<String>,
    /// Telephone number, as it was typed.
    pub(super) phone: Option<String>,
    /// Language of correspondence: `en`, `fr`; any other counts as absent.
    #[cfg_attr(feature = "schema", schemars(extend("examples" = ["fr", "en-CA"])))]
    pub(super) language: Option<String>,
    /// Where bills go.
    pub(super) billing_address: Option<Object<WireAddress>>,
    /// Where the customer lives.
    pub(super) personal_address: Option<Object<WireAddress>>,
}

/// A postal address.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Address")
)]
pub(super) struct WireAddress {
    /// Street and number.
    pub(super) line1: Option<String>,
    /// Apartment, suite, building.
    pub(super) line2: Option<String>,
    /// City.
    pub(super) city: Option<String>,
    /// Province or state.
    pub(super) region: Option<String>,
    /// Postal code.
    pub(super) postal_code: Option<String>,
    /// Country.
    pub(super) country: Option<String>,
}

/// A merchant's profile. What is absent is not known, which is not the same as none.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Merchant")
)]
pub(super) struct WireMerchant {
    /// Counts the changes of the profile; a greater one is newer.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) version: Option<u64>,
    /// The name of the business.
    pub(super) name: Option<String>,
    /// Country: two capitals of ISO 3166.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Z]{2}$", "examples" = ["CA", "US"])))]
    pub(super) country: Option<String>,
    /// Province or state.
    pub(super) region: Option<String>,
    /// The currency it sells in.
    pub(super) currency: Option<CurrencyCode>,
    /// Its time zone, one of the IANA database.
    #[cfg_attr(feature = "schema", schemars(extend("examples" = ["America/Toronto"])))]
    pub(super) time_zone: Option<String>,
    /// The language of its page and mails: `en` or `fr`.
    pub(super) language: Option<String>,
    /// Whether its plan includes the QuickBooks app.
    pub(super) entitled: Option<bool>,
    /// Who administers it.
    pub(super) administrators: Option<Vec<Object<WireAdministrator>>>,
    /// The taxes it charges, each id once.
    pub(super) taxes: Option<Vec<Object<WireMerchantTax>>>,
    /// Which taxes it charges together, by id.
    pub(super) tax_sets: Option<Vec<Vec<Id>>>,
    /// The services it sells, each id once.
    pub(super) services: Option<Vec<Object<WireService>>>,
}

/// An operator who administers the merchant.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Administrator")
)]
pub(super) struct WireAdministrator {
    /// MioCommerce's id of the operator.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) id: Option<Id>,
    /// First and last name.
    pub(super) name: Option<String>,
    /// E-mail address.
    pub(super) email: Option<String>,
    /// The language they read: `en` or `fr`.
    pub(super) language: Option<String>,
}

/// A tax that the merchant charges.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "MerchantTax")
)]
pub(super) struct WireMerchantTax {
    /// MioCommerce's id of the tax.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) id: Option<Id>,
    /// Its name, as the merchant wrote it.
    pub(super) name: Option<String>,
    /// Its rate.
    pub(super) rate: Option<Rate>,
}

/// A service that the merchant sells.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Service")
)]
pub(super) struct WireService {
    /// MioCommerce's id of the service.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) id: Option<Id>,
    /// Its name, as the merchant wrote it.
    pub(super) name: Option<String>,
}
