//! The crash proxy: kills whoever is at the other end of a connection, at a moment of the protocol.
//!
//! Two plain proxies, one before AWS and one before QuickBooks. [`plan`] decides, without doing anything, whom to
//! kill and when; [`victim`] finds and kills the process; [`proxy`] passes everything else on unchanged.

pub mod plan;
pub mod proxy;
pub mod victim;
