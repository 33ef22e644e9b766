//! Which address leads where (contract, part 3).

use common::web::notice::Notice;
use common::web::{Method, Request, Response};
use common::world::World;

use crate::{Desk, callback, connect, disconnect, disconnected, finish};

/// Answers a request. Never fails: where the store is not to be had, a page says so.
pub async fn answer<W: World>(desk: &Desk<W>, request: &Request) -> Response {
    let answer = match (request.method, request.path.as_str()) {
        (Method::Get, "/quickbooks/connect") => connect::connect(desk, request).await,
        (Method::Get, "/quickbooks/callback") => callback::callback(desk, request).await,
        (Method::Get, "/quickbooks/reconnect") => connect::reconnect(desk, request).await,
        (Method::Post, "/quickbooks/fresh-start") => connect::fresh_start(desk, request).await,
        (Method::Post, "/quickbooks/finish") => finish::again(desk, request).await,
        (Method::Post, "/quickbooks/disconnect") => disconnect::disconnect(desk, request).await,
        (Method::Get, "/quickbooks/disconnected") => {
            disconnected::disconnected(desk, request).await
        }
        (Method::Get, "/quickbooks/health") => Ok(Response::json(
            200,
            concat!(r#"{"version":""#, env!("CARGO_PKG_VERSION"), r#""}"#).to_owned(),
        )),
        (
            _,
            "/quickbooks/connect"
            | "/quickbooks/callback"
            | "/quickbooks/reconnect"
            | "/quickbooks/fresh-start"
            | "/quickbooks/finish"
            | "/quickbooks/disconnect"
            | "/quickbooks/disconnected"
            | "/quickbooks/health",
        ) => Ok(desk.notice(Notice::MethodNotAllowed, request, None, &[])),
        _ => Ok(desk.notice(Notice::NotFound, request, None, &[])),
    };
    answer.unwrap_or_else(|error| {
        tracing::error!(error = %error, path = request.path, "a request could not be answered");
        desk.notice(Notice::Sorry, request, None, &[])
    })
}

/// The answer to methods other than GET and POST.
pub fn no_such_method<W: World>(desk: &Desk<W>) -> Response {
    let request = Request::new(Method::Get, "", "", "", "");
    desk.notice(Notice::MethodNotAllowed, &request, None, &[])
}
