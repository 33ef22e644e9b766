//! The QuickBooks calls we make, over HTTP.
//!
//! | call | file | Intuit's page |
//! |---|---|---|
//! | create a receipt | [`receipts`] | API reference, `SalesReceipt`, `RefundReceipt` |
//! | find receipts again | [`search`] | "Data queries" |
//! | write a correction over a receipt | [`correction`] | API reference, full update |
//! | find a customer, create one, change one | [`customers`] | API reference, `Customer` |
//! | exchange a code, refresh, revoke | [`oauth`] | OAuth 2.0 |
//! | read a company's profile and lists; find an account, an item or a payment method, or create it | [`company`] | API reference, `CompanyInfo`, `Preferences`, `TaxCode`, `Item`, `Account`, ... |
//!
//! Every request takes one path ([`client`]); every "no" becomes a [`Fault`] whose class says who has to act.
//! Creates are never repeated here: whether a second attempt is safe is for the caller to prove.

pub mod client;
pub mod company;
pub mod correction;
pub mod customers;
pub mod fault;
pub mod oauth;
pub mod query;
pub mod receipts;
pub mod search;
pub mod transport;
pub mod wire;

pub use client::CompanyClient;
pub use fault::{Fault, FaultClass};
pub use transport::{Answer, Body, Credentials, Https, Method, Request, Silence, Transport};
