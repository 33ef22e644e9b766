//! The proxies: everything is passed on unchanged, unless its sender is to die.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;
use tokio::net::TcpListener;

use crate::crash::plan::{Gap, Plan, Seen, When};
use crate::crash::victim::kill_client;

/// What both proxies share.
pub struct Crash {
    /// Whom to kill, and when.
    pub plan: Mutex<Plan>,
    /// The file name of programs that may be killed.
    pub victim: String,
    /// The file that has to exist before anybody is killed: what is set up first is not what is tried.
    pub once: PathBuf,
    /// Where each kill is written down, one JSON line each.
    pub report: Mutex<std::fs::File>,
}

/// One proxy: what it stands before.
#[derive(Clone)]
pub struct Proxy {
    /// What both share.
    pub crash: Arc<Crash>,
    /// The address everything is passed on to.
    pub to: String,
    /// Whether that is AWS; else it is QuickBooks.
    pub is_aws: bool,
    /// What passes it on.
    pub http: reqwest::Client,
}

/// Serves one proxy for ever.
///
/// # Errors
///
/// Where the listener fails.
pub async fn serve(listener: TcpListener, proxy: Proxy) -> std::io::Result<()> {
    let app = axum::Router::new().fallback(pass).with_state(proxy);
    axum::serve(
        listener,
        app.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .await
}

async fn pass(
    State(proxy): State<Proxy>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return unreachable_server();
    };
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let operation = operation(&head.headers);
    let seen = match proxy.is_aws {
        true => Seen::Aws {
            operation: &operation,
            body: &body,
        },
        false => Seen::QuickBooks {
            path: head.uri.path(),
            query: head.uri.query().unwrap_or_default(),
        },
    };
    if proxy.kills(client, When::Before, seen) {
        return never();
    }
    // Host goes along unchanged: the signature covers it.
    let forward = proxy
        .http
        .request(head.method.clone(), format!("{}{target}", proxy.to));
    let Ok(answer) = forward
        .headers(head.headers.clone())
        .body(body.clone())
        .send()
        .await
    else {
        return unreachable_server();
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let Ok(answer_body) = answer.bytes().await else {
        return unreachable_server();
    };
    if status.is_success() && proxy.kills(client, When::After, seen) {
        return never();
    }
    passed_back(status, &headers, answer_body)
}

impl Proxy {
    fn kills(&self, client: SocketAddr, when: When, seen: Seen<'_>) -> bool {
        if !self.crash.once.exists() {
            return false;
        }
        let mut plan = self.crash.plan.lock().expect("no panic holds it");
        let Some((gap, transaction)) = plan.kills(when, seen) else {
            return false;
        };
        let Some(pid) = kill_client(client, &self.crash.victim) else {
            plan.missed(gap, transaction);
            return false;
        };
        drop(plan);
        self.crash.write_down(gap, &transaction, pid);
        true
    }
}

impl Crash {
    fn write_down(&self, gap: Gap, transaction: &str, pid: i32) {
        let line = json!({"gap": gap.as_str(), "transaction": transaction, "pid": pid});
        let mut report = self.report.lock().expect("no panic holds it");
        writeln!(report, "{line}").expect("the report can be written");
    }
}

/// The AWS operation, from either protocol's header.
fn operation(headers: &HeaderMap) -> String {
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

fn passed_back(status: StatusCode, headers: &HeaderMap, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in headers {
        // The body is whole here, however it came.
        if name != "transfer-encoding" && name != "connection" {
            response.headers_mut().append(name, value.clone());
        }
    }
    response
}

/// What a dead process would have been told.
fn never() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
    response
}

fn unreachable_server() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}
