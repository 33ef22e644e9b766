//! What every store promises, asked of each: conditions, what is handed back where one does not hold, repetitions, pages.
//!
//! The simulation believes its memory only as far as it keeps what DynamoDB keeps, so one suite is run over both: over memory in
//! `tests/simulation`, over the tables that ship in `tests/stories`, on two emulators.
#![allow(clippy::panic, clippy::unwrap_used, reason = "promises are asserted")]

mod activity;
mod breakers;
mod erasures;
mod health;
mod ledger;
mod links;
mod lots;
mod refunds;
mod tokens;

pub use activity::about_the_list;
pub use breakers::about_breakers;
pub use erasures::about_erasures;
pub use health::about_health;
pub use ledger::about_the_ledger;
pub use links::{about_changes, about_links};
pub use lots::about_lots;
pub use refunds::about_refunds;
pub use tokens::{about_states, about_tokens};
