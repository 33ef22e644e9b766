//! Refunds: what a refund takes back of its payment, and what it looks like as a Refund Receipt.
//!
//! A refund mirrors what was *posted* for its payment, not what MioCommerce would say of the payment today: same items,
//! same tax codes, same account, whatever the settings have become since.

mod allocate;
mod course;
mod draft;
mod named;
mod posted;
mod take;

pub use allocate::{Taken, allocate, allocate_listed, remaining, spread};
pub use course::{Course, PaymentStanding, course};
pub use draft::Drawing;
pub use named::NamedTax;
pub use posted::{Posted, PostedLine, PostedTax};
pub use take::take;
