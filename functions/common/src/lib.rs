//! What the functions share: AWS and MioCommerce.
//!
//! | file | what |
//! |---|---|
//! | [`config`] | every environment variable, named once, read once |
//! | [`world`] | everything a handler may touch, behind one trait: the simulation has a world of its own |
//! | [`store`] | what is remembered in DynamoDB, and what each write promises |
//! | [`access`] | a usable connection and access token for a merchant |
//! | [`tokens`] | tokens begin with a connection and end with it |
//! | [`leaving`] | what is given back where a connection ends, or another takes its place |
//! | [`secrets`] | the app's secret, and each connection's refresh token in a secret of its own |
//! | [`sealing`] | encryption of what must not be readable in a table |
//! | [`told`] | outcomes, as MioCommerce is told them |
//! | [`web`] | launch tokens, sessions, requests and pages |
//! | [`locales`] | the sentences, in English and French |
//! | [`waiting`] | how much waits for a merchant |
//! | [`telemetry`] | what is logged, and what is counted of it |
//! | [`mail`] | what an operator is told about a connection in trouble |

pub mod access;
pub mod audit;
pub mod aws;
pub mod config;
pub mod leaving;
pub mod locales;
pub mod mail;
pub mod merchants;
pub mod sealing;
pub mod secrets;
pub mod store;
pub mod telemetry;
pub mod tokens;
pub mod told;
pub mod waiting;
pub mod web;
pub mod world;
