//! What waits for one merchant, worked off at QuickBooks' pace. How each transaction gets there is told in
//! [`recording`].
//!
//! [`drain`] is the story of one lot; [`turn`] says whether it is the drain's turn, [`rows`] lists what waits, [`profiles`]
//! takes up changes of customers, [`weather`] judges from what happens whether to go on, and [`sweep`] finds lots that nobody was woken for.

pub mod drain;
pub mod profiles;
pub mod rows;
pub mod sweep;
pub mod turn;
pub mod weather;
