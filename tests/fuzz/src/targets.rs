//! The targets.

pub mod browsers;
pub mod intuit;
pub mod launches;
pub mod mail_events;
pub mod messages;
pub mod queries;
