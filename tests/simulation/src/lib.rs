//! The real handlers in a world of their own: one thread, a clock that moves only when everybody waits, randomness
//! from a seed, and death wherever a handler waits.
//!
//! The same seed gives the same run, step by step. QuickBooks is the simulator itself, called without a network.
//!
//! | file | what |
//! |---|---|
//! | [`books`] | what is in the books at the end |
//! | [`clock`] | virtual time and the executor that moves it |
//! | [`fate`] | seeded randomness, the trace, and when the process dies |
//! | [`lot`] | the drain of what waits, woken and swept |
//! | [`market`] | the App Market, which signs launch tokens |
//! | [`memory`] | the store, in memory |
//! | [`refreshes`] | fifty processes at one connection's tokens: a whole run |
//! | [`watch`] | what Intuit saw of refresh tokens |
//! | [`vault`] | secrets, in memory |
//! | [`world`] | everything a handler may touch |
//! | [`payments`] | payments to play with |
//! | [`town`] | merchants, companies, a queue: a whole run |

pub mod books;
pub mod clock;
pub mod fate;
pub mod lot;
pub mod market;
pub mod memory;
pub mod payments;
pub mod refreshes;
pub mod town;
pub mod vault;
pub mod watch;
pub mod world;
