//! The stories: what a merchant, an operator or a bookkeeper would notice, told over a whole running stack.
//!
//! Real binary, real SDK, real queue: `make test` starts the stack and names it in `MIO_STACK`. Each story has a
//! merchant and a company of its own, so they run side by side. A story's comment names the requirements it tells.
#![recursion_limit = "256"]
#![allow(missing_docs, reason = "a story's name is its documentation")]

mod bench;
mod customers;
mod duplicates;
mod first;
mod health;
mod links;
mod payments;
mod refunds;
mod refusals;
mod rolled_back;
mod tables;
mod taking_up;
mod trouble;
