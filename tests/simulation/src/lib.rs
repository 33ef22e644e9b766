//! The real handlers in a world of their own: one thread, a clock that moves only when everybody waits, randomness
//! from a seed, and death wherever a handler waits.
//!
//! The same seed gives the same run, step by step. QuickBooks is the simulator itself, called without a network.
//!
//! | file | what |
//! |---|---|
//! | [`books`] | what is in the books at the end |
//! | [`broken`] | what must be true whatever goes wrong |
//! | [`clock`] | virtual time and the executor that moves it |
//! | [`fate`] | seeded randomness, the trace, and when the process dies |
//! | [`faults`] | every fault, by name, and how often it happened |
//! | [`fleet`] | many merchants, looked after over days |
//! | [`growth`] | what a transaction costs as merchants and transactions become many |
//! | [`guard`] | what leaves, held against the ledger |
//! | [`log`] | everything that is logged, to be searched for secrets |
//! | [`lot`] | the drain of what waits, woken and swept |
//! | [`market`] | the App Market, which signs launch tokens |
//! | [`memory`] | the store, in memory |
//! | [`mishaps`] | what goes wrong on the way to others than QuickBooks |
//! | [`mortal`] | a process that may die |
//! | [`planted`] | bugs that are planted to see them caught |
//! | [`refreshes`] | fifty processes at one connection's tokens: a whole run |
//! | [`ward`] | looking after the connection, over days and years |
//! | [`rush`] | many merchants at full size, and how long each waits |
//! | [`measures`] | how fast what waits is worked off, how fair that is, how soon trouble is over |
//! | [`simulate`] | all of it by seed, and bugs until they are caught |
//! | [`storm`] | merchants, processes and every fault at once: a whole run, and what it must end with |
//! | [`watches`] | a connection lost and found again over weeks: a whole run |
//! | [`watch`] | what Intuit saw of refresh tokens |
//! | [`vault`] | secrets, in memory |
//! | [`wire`] | the way to Intuit |
//! | [`world`] | everything a handler may touch |
//! | [`post`] | the mail service, which says what it sent |
//! | [`payments`] | payments to play with |
//! | [`town`] | merchants, companies, a queue: a whole run |

pub mod books;
pub mod broken;
pub mod clock;
pub mod fate;
pub mod faults;
pub mod fleet;
pub mod growth;
pub mod guard;
pub mod log;
pub mod lot;
pub mod market;
pub mod measures;
pub mod memory;
pub mod mishaps;
pub mod mortal;
pub mod payments;
pub mod planted;
pub mod post;
pub mod refreshes;
pub mod rush;
pub mod simulate;
pub mod storm;
pub mod street;
pub mod town;
pub mod vault;
pub mod ward;
pub mod watch;
pub mod watches;
pub mod wire;
pub mod world;
