//! One process of a function, behind a Runtime API of its own.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path as UrlPath, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{Function, Functions};

/// Why an invocation gave no reply.
#[derive(Debug, PartialEq, Eq)]
pub enum Failed {
    /// The handler answered with an error.
    Error(String),
    /// The process ended.
    Exited,
    /// It took longer than it may; the process was killed.
    TimedOut,
}

/// A running process. Ends with this value.
pub struct Process {
    child: Child,
    invocations: mpsc::Sender<Invocation>,
    timeout: Duration,
    arn: String,
    number: u64,
    server: JoinHandle<()>,
}

/// Where an invocation's reply goes.
type ReplyTo = oneshot::Sender<Result<Vec<u8>, Failed>>;

struct Invocation {
    id: String,
    arn: String,
    deadline_ms: i64,
    event: Vec<u8>,
    reply: ReplyTo,
}

/// What the Runtime API of one process knows.
struct Api {
    invocations: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    replies: Mutex<HashMap<String, ReplyTo>>,
}

impl Process {
    /// Starts a process as Lambda would, its output going to a log.
    ///
    /// # Errors
    ///
    /// Where the program or its log cannot be opened, or no port can be had.
    pub async fn start(
        functions: &Functions,
        function: &Function,
        logs: &Path,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (sender, receiver) = mpsc::channel(1);
        let api = Arc::new(Api {
            invocations: tokio::sync::Mutex::new(receiver),
            replies: Mutex::new(HashMap::new()),
        });
        let server = tokio::spawn(async move {
            axum::serve(listener, router(api)).await.ok();
        });
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(logs.join(format!("{}.log", function.name)))?;
        let child = Command::new(&function.binary)
            .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
            .env(
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                function.memory_mb.to_string(),
            )
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_REGION", &functions.region)
            .env("AWS_DEFAULT_REGION", &functions.region)
            .env("AWS_ACCESS_KEY_ID", &functions.credentials.access_key_id)
            .env(
                "AWS_SECRET_ACCESS_KEY",
                &functions.credentials.secret_access_key,
            )
            .env("AWS_ENDPOINT_URL", &functions.endpoint)
            .envs(&function.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self {
            child,
            invocations: sender,
            timeout: Duration::from_secs(function.timeout_seconds),
            arn: format!(
                "arn:aws:lambda:{}:000000000000:function:{}",
                functions.region, function.name
            ),
            number: 0,
            server,
        })
    }

    /// Hands the process one event and waits for its reply.
    ///
    /// # Errors
    ///
    /// [`Failed`]; after `Exited` and `TimedOut` the process is gone.
    #[allow(
        clippy::disallowed_methods,
        reason = "an invocation's deadline is a wall clock time"
    )]
    pub async fn invoke(&mut self, event: Vec<u8>) -> Result<Vec<u8>, Failed> {
        self.number += 1;
        let (reply, replied) = oneshot::channel();
        let deadline_ms = (Timestamp::now() + self.timeout).as_millisecond();
        let id = format!("{}-{}", self.child.id().unwrap_or_default(), self.number);
        let invocation = Invocation {
            id,
            arn: self.arn.clone(),
            deadline_ms,
            event,
            reply,
        };
        if self.invocations.send(invocation).await.is_err() {
            return Err(Failed::Exited);
        }
        tokio::select! {
            reply = replied => reply.unwrap_or(Err(Failed::Exited)),
            _ = self.child.wait() => Err(Failed::Exited),
            () = tokio::time::sleep(self.timeout) => {
                self.child.kill().await.ok();
                Err(Failed::TimedOut)
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/response",
            post(response),
        )
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route(
            "/2018-06-01/runtime/init/error",
            post(async || StatusCode::ACCEPTED),
        )
        .with_state(api)
}

async fn next(State(api): State<Arc<Api>>) -> Response<Body> {
    let invocation = api.invocations.lock().await.recv().await;
    let Some(invocation) = invocation else {
        return Response::builder()
            .status(StatusCode::GONE)
            .body(Body::empty())
            .expect("a plain response");
    };
    let response = Response::builder()
        .header("lambda-runtime-aws-request-id", &invocation.id)
        .header("lambda-runtime-deadline-ms", invocation.deadline_ms)
        .header("lambda-runtime-invoked-function-arn", &invocation.arn)
        .header(
            "lambda-runtime-trace-id",
            "Root=1-00000000-000000000000000000000000",
        )
        .header("content-type", "application/json")
        .body(Body::from(invocation.event))
        .expect("a plain response");
    api.replies
        .lock()
        .expect("no panic holds it")
        .insert(invocation.id, invocation.reply);
    response
}

async fn response(
    State(api): State<Arc<Api>>,
    UrlPath(id): UrlPath<String>,
    body: Bytes,
) -> StatusCode {
    replied(&api, &id, Ok(body.to_vec()))
}

async fn error(
    State(api): State<Arc<Api>>,
    UrlPath(id): UrlPath<String>,
    body: Bytes,
) -> StatusCode {
    replied(
        &api,
        &id,
        Err(Failed::Error(String::from_utf8_lossy(&body).into_owned())),
    )
}

fn replied(api: &Api, id: &str, reply: Result<Vec<u8>, Failed>) -> StatusCode {
    match api.replies.lock().expect("no panic holds it").remove(id) {
        Some(waiting) => {
            waiting.send(reply).ok();
            StatusCode::ACCEPTED
        }
        None => StatusCode::BAD_REQUEST,
    }
}
