//! Customers through the real handlers: the right one, once, at what cost, and what MioCommerce is told.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]
#![recursion_limit = "256"]

#[path = "../shop/mod.rs"]
mod shop;

mod changing;
mod choosing;
mod erasing;
mod gone;
mod keeping;
mod later;
mod linking;
mod searching;
mod sharing;
mod table;
