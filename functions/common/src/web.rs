//! The web side: what operators' browsers ask for, and the pages they get.
//!
//! | file | what |
//! |---|---|
//! | [`launch`] | the App Market's launch token: who opens the app, for which merchant |
//! | [`session`] | the cookie that stands for a launch for half an hour |
//! | [`visit`] | an operator arrives with a launch, and stays with a session |
//! | [`request`] | a request, read with bounds |
//! | [`response`] | an answer, with the headers every one of them carries |
//! | [`notice`] | pages that say one thing, with a button |
//! | [`gateway`] | requests and answers in API Gateway's form |
//! | [`patience`] | how long somebody at the page is kept waiting |

pub mod gateway;
pub mod launch;
pub mod notice;
pub mod patience;
pub mod request;
pub mod response;
pub mod session;
pub mod visit;

pub use request::{Method, Request};
pub use response::Response;
