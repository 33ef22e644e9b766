//! HTTP: turns connections into requests and carries out how their replies are delivered. Nothing else.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::intuit::Intuit;
use crate::message::{Delivery, Reply, Request, read_form};

/// The simulator behind HTTP, for tests: it stops when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    /// Its base address, such as `http://127.0.0.1:43121`.
    pub url: String,
    /// The state behind it.
    pub intuit: Arc<Mutex<Intuit>>,
    task: JoinHandle<()>,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a simulator on a free port of the loopback interface.
///
/// # Errors
/// Where no port can be had.
pub async fn start() -> io::Result<Simulator> {
    start_with(Intuit::new(1)).await
}

/// Starts a simulator with that state on a free port of the loopback interface.
///
/// # Errors
/// Where no port can be had.
pub async fn start_with(intuit: Intuit) -> io::Result<Simulator> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let intuit = Arc::new(Mutex::new(intuit));
    let task = tokio::spawn(serve(listener, Arc::clone(&intuit)));
    Ok(Simulator { url, intuit, task })
}

/// Serves connections for ever.
pub async fn serve(listener: TcpListener, intuit: Arc<Mutex<Intuit>>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        // A connection that failed before it was accepted is the client's loss, not the server's.
        if let Ok((stream, _)) = listener.accept().await {
            let intuit = Arc::clone(&intuit);
            connections.spawn(connection(stream, intuit));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, intuit: Arc<Mutex<Intuit>>) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let intuit = Arc::clone(&intuit);
        async move { exchange(request, &intuit).await }
    });
    // An error here is a connection that broke, or one that was to be lost.
    let _broken = hyper::server::conn::http1::Builder::new()
        .keep_alive(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// A reply that must not arrive; hyper closes the connection on it.
#[derive(Debug)]
struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the answer is lost on purpose")
    }
}

impl std::error::Error for Lost {}

async fn exchange(
    incoming: hyper::Request<Incoming>,
    intuit: &Mutex<Intuit>,
) -> Result<hyper::Response<Full<Bytes>>, Lost> {
    let (head, body) = incoming.into_parts();
    let body = body.collect().await.map_err(|_| Lost)?.to_bytes().to_vec();
    let headers = head.headers.iter().map(|(name, value)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    let request = Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: read_form(head.uri.query().unwrap_or_default()),
        headers: headers.collect(),
        body,
    };
    let reply = intuit
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .handle(now(), &request);
    match reply.delivery {
        Delivery::Now => {}
        Delivery::After(after) => tokio::time::sleep(after).await,
        Delivery::Lost { after, .. } => {
            tokio::time::sleep(after).await;
            return Err(Lost);
        }
    }
    Ok(response(reply).unwrap_or_else(|never| match never {}))
}

fn response(reply: Reply) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let mut response = hyper::Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status)
        .unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        let name = hyper::header::HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, hyper::header::HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

/// The real time. Here an answer over HTTP begins, and everything behind it takes the time as an argument.
#[allow(
    clippy::disallowed_methods,
    reason = "this is where a request begins; the state machine takes the time as an argument"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
