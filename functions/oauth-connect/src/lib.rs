//! Connects, reconnects and disconnects a merchant's QuickBooks company.
//!
//! | file | what |
//! |---|---|
//! | [`routes`] | which address leads where |
//! | [`connect`] | from the App Market's button to Intuit |
//! | [`callback`] | from Intuit back: the story of a connection |
//! | [`finish`] | what follows consent: prove, read, bind, take up |
//! | [`disconnect`] | the operator's own choice to end it |
//! | [`disconnected`] | Intuit's word that it ended there, which is checked |

pub mod callback;
pub mod connect;
pub mod disconnect;
pub mod disconnected;
pub mod finish;
pub mod routes;

use common::store::StoreError;
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;

/// What every route may use.
pub struct Desk<W> {
    /// The world.
    pub world: W,
    /// Our own address: what Intuit sends browsers back to begins with it.
    pub public_url: String,
    /// Intuit's consent page: a whole address.
    pub authorize_url: String,
}

/// What a route gives: an answer, or the store was not to be had.
pub type Answer = Result<Response, StoreError>;

impl<W: World> Desk<W> {
    /// A notice to somebody, with a session or without.
    fn notice(
        &self,
        notice: Notice,
        request: &Request,
        session: Option<&Session>,
        figures: &[(&str, &str)],
    ) -> Response {
        self.notice_with(notice, request, session, figures, &[])
    }

    /// A notice whose form brings fields along.
    fn notice_with(
        &self,
        notice: Notice,
        request: &Request,
        session: Option<&Session>,
        figures: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Response {
        visit::notice(&self.world, notice, request, session, figures, fields)
    }
}
