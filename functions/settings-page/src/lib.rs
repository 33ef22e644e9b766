//! The operator's page: how the connection stands, and what to do about it.

pub mod activity;
pub mod arrivals;
pub mod change;
pub mod choices;
pub mod customer;
mod dates;
pub mod decide;
pub mod entry;
pub mod fallback;
pub mod frame;
pub mod home;
mod names;
mod people;
mod period;
mod posted;
pub mod refresh;
pub mod restore;
pub mod routes;
mod sheet;
mod stands;
mod statement;
mod stopped;
mod story;
mod summary;
pub mod taxes;
pub mod unsubscribe;
mod view;
