//! A thin Lambda for tests and demonstrations.
//!
//! `lambda-host` runs the compiled functions against any AWS emulator; `crash-proxy` stands before AWS and QuickBooks
//! and kills a function at an exact moment of the protocol.

pub mod crash;
pub mod host;
