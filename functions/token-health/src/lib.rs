//! Connections that do not die, and operators who are told when one does.
//!
//! [`dispatch`] finds once a minute whose connection is due and sends for a look at each; [`look`] is the story of one
//! look, [`batch`] works off what was sent for; [`notices`] sends what is due to be told to whom the [`audience`] is; [`events`] takes the mail service's word of what became of it.

pub mod audience;
pub mod batch;
pub mod dispatch;
pub mod events;
pub mod look;
pub mod notices;
