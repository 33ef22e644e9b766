//! Baskets: payments nobody would think of, drawn up and posted to the simulated companies.
//!
//! A [`Shop`] is a merchant with a company, [`basket()`] makes up what a customer of it buys and in how many instalments
//! it is paid, and [`check`] draws each payment up, posts it, and holds what QuickBooks answers against what was charged; then
//! what was posted is refunded, in parts and out of order.
//! What was charged is added up here in whole numbers, apart from the product's arithmetic.

mod basket;
mod chance;
mod check;
mod lines;
mod plans;
mod refunds;
mod shop;

pub use basket::{Basket, Part, basket};
pub use chance::Chance;
pub use check::{Mix, check};
pub use shop::{Shop, Sums, posted};
