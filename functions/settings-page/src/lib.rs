//! The operator's page: how the connection stands, and what to do about it.

pub mod arrivals;
pub mod home;
pub mod routes;
pub mod unsubscribe;
