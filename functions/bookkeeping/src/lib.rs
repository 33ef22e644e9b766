//! What a MioCommerce transaction means in a company's books.
//!
//! Pure: nothing here asks for the time, draws at random, or speaks to anyone. Decisions come back as values
//! with their reason inside; the functions carry them out.

pub mod breaker;
pub mod catalogue;
pub mod checklist;
pub mod company;
pub mod connection;
pub mod customer;
pub mod defaults;
pub mod frees;
pub mod health;
pub mod ids;
pub mod incident;
pub mod later;
pub mod merchant;
pub mod message;
pub mod money;
pub mod outage;
pub mod outcome;
pub mod reason;
pub mod receipt;
pub mod refund;
pub mod refusals;
pub mod request_id;
pub mod settings;
pub mod shares;
pub mod tax_map;
pub mod text;
pub mod token;
pub mod transaction;
pub mod waits;
