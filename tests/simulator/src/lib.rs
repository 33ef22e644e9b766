//! QuickBooks Online and Intuit's OAuth, played honestly.
//!
//! The heart is [`Intuit`]: a state machine without network, clock or waiting, so that the same simulator answers over
//! HTTP ([`start`], [`serve`]) and inside a simulation with a clock of its own ([`Intuit::handle`]). It shares no type with
//! any client: what it knows, it knows from Intuit's documentation and recorded answers, not from the code it checks.

mod answer;
mod api;
mod batch;
mod books;
mod call;
mod change;
mod changes;
mod company;
mod control;
mod counters;
mod customer;
mod desk;
mod fault;
mod fields;
mod gate;
mod grants;
mod intuit;
mod json;
mod kind;
mod limits;
mod lists;
mod message;
mod mishap;
mod money;
mod oauth;
mod pages;
mod query;
mod random;
mod receipt;
mod replays;
mod stamp;
mod switches;
mod tax;
mod trouble;
mod web;
mod xml;

pub use counters::{Figures, Seen};
pub use grants::Tokens;
pub use intuit::{Intuit, Most, Written};
pub use json::Json;
pub use kind::Kind;
pub use message::{Delivery, Reply, Request};
pub use oauth::App;
pub use switches::{
    ConcurrentRefresh, FeatureOff, InclusiveAmount, OldRefreshToken, RequestIds, Rounding, Switches,
};
pub use trouble::{Trouble, TroubleKind};
pub use web::{Simulator, serve, start, start_with};
