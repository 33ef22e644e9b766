//! The way to Intuit: its simulator, called in this process.

use std::time::Duration;

use data_encoding::BASE64;
use quickbooks::{Answer, Credentials, Method, Request, Silence, Transport};
use secrecy::ExposeSecret;
use simulator::{Delivery, Reply};

use crate::faults::Fault;
use crate::guard::Guard;
use crate::planted::Bug;
use crate::world::Outside;

mod bugs;

/// The step at which a request leaves.
pub(crate) const LEAVING: &str = "request on its way";

/// The way to Intuit of one process.
pub struct Wire {
    outside: Outside,
    guard: Guard,
}

impl Wire {
    /// The way to Intuit from outside a process.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            outside: outside.clone(),
            guard: Guard::new(outside),
        }
    }

    /// Notes what Intuit saw of a refresh token; gives the token that an answer brings, where it is a new one.
    fn watch(
        &self,
        request: &Request<'_>,
        reply: &Reply,
        sent_at: Duration,
        back: Duration,
    ) -> Option<String> {
        let body = request.body.as_ref()?.text();
        let token = body.strip_prefix("grant_type=refresh_token&refresh_token=")?;
        let arrived_at = self.outside.waits.clock.elapsed();
        let busy = match reply.delivery {
            Delivery::Now => back,
            Delivery::After(pause) => pause + back,
            Delivery::Lost {
                committing_after, ..
            } => committing_after.unwrap_or_default(),
        };
        let mut watch = self.outside.watch.borrow_mut();
        watch.used(token, sent_at, arrived_at + busy);
        let happened = &self.outside.happened;
        if reply.status == 400 && watch.is_replaced(token) {
            happened.note(Fault::StaleLoser);
        }
        let answer: serde_json::Value = serde_json::from_slice(&reply.body).ok()?;
        let brought = answer["refresh_token"].as_str()?;
        let is_new = brought != token;
        if is_new {
            watch.replaced(token);
            if matches!(reply.delivery, Delivery::Lost { .. }) {
                happened.note(Fault::RefreshLost);
            }
        }
        is_new.then(|| brought.to_owned())
    }

    /// Whether a request never leaves, for one of the reasons that prove that nothing was sent.
    fn is_held_up(&self) -> bool {
        let one_in = self.outside.mishaps.borrow().unsent_in;
        let fate = &self.outside.waits.fate;
        if one_in.is_none_or(|one_in| fate.below(one_in) > 0) {
            return false;
        }
        let why = [Fault::Refused, Fault::Tls, Fault::Dns];
        let why = why[usize::try_from(fate.below(3)).expect("small")];
        self.outside.happened.note(why);
        true
    }

    async fn carry(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        let waits = &self.outside.waits;
        let on_the_way = Duration::from_millis(100 + waits.fate.below(150));
        let back = Duration::from_millis(100 + waits.fate.below(150));
        let sent_at = waits.clock.elapsed();
        if self.is_held_up() {
            waits.wait("no way to Intuit", on_the_way).await;
            return Err(Silence::NotSent);
        }
        let sent = wire(request);
        let sent = bugs::sending(&self.outside, sent);
        self.guard.leaves(&sent);
        waits.wait(LEAVING, on_the_way).await;
        let reply = {
            let now = waits.clock.now();
            let mut intuit = self.outside.intuit.borrow_mut();
            intuit.advance(now);
            intuit.handle(now, &sent)
        };
        waits
            .fate
            .tell(|| told(&sent, &reply), waits.clock.elapsed());
        let brought = self.watch(request, &reply, sent_at, back);
        let hear = || {
            if let Some(token) = &brought {
                let mut watch = self.outside.watch.borrow_mut();
                watch.heard(token, &waits.fate);
            }
            if reply.status == 429 {
                self.guard.is_throttled(&sent);
            }
        };
        let answer = Answer {
            status: reply.status,
            intuit_tid: None,
            retry_after: retry_after(&reply),
            body: reply.body.clone(),
        };
        match reply.delivery {
            Delivery::Now => {
                waits.wait("answer on its way", back).await;
                hear();
                Ok(answer)
            }
            Delivery::After(pause) if pause < request.timeout => {
                waits.wait("slow answer on its way", pause + back).await;
                hear();
                Ok(answer)
            }
            Delivery::After(_) => {
                waits.wait("no answer", request.timeout).await;
                Err(Silence::Unknown)
            }
            Delivery::Lost { after, .. } => {
                waits.wait("answer lost", after.min(request.timeout)).await;
                Err(Silence::Unknown)
            }
        }
    }
}

impl Transport for Wire {
    async fn send(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        let planted = self.outside.planted;
        if planted.has(Bug::ProbeSkipped) && bugs::is_probe(request) {
            return Ok(bugs::nothing_found());
        }
        let answer = self.carry(request).await;
        match answer {
            Err(Silence::Unknown) if planted.has(Bug::SentAgainAtOnce) => self.carry(request).await,
            Err(Silence::Unknown) if planted.has(Bug::SilenceIsUnsent) => Err(Silence::NotSent),
            Ok(answer) if answer.status == 429 && planted.has(Bug::ThrottleIgnored) => {
                self.carry(request).await
            }
            Ok(answer) => Ok(bugs::hearing(&self.outside, request, answer)),
            silence => silence,
        }
    }
}

/// A request and its reply in one line, for a trace: what was asked of which transaction, and what became of it.
fn told(sent: &simulator::Request, reply: &Reply) -> String {
    let body = String::from_utf8_lossy(&sent.body);
    let mark = body
        .split("mio:")
        .nth(1)
        .and_then(|rest| rest.split(['"', ' ', '\\']).next())
        .unwrap_or_default();
    let id = sent.parameter("requestid").unwrap_or_default();
    let query = sent.parameter("query").unwrap_or_default();
    let fault = reply.text();
    let fault = fault.split("\"code\":\"").nth(1);
    let code = fault.and_then(|rest| rest.split('"').next());
    let delivery = match reply.delivery {
        Delivery::Now => String::new(),
        other => format!(", {other:?}"),
    };
    format!(
        "{} {} {mark} {id} {query} => {} {}{delivery}",
        sent.method,
        sent.path,
        reply.status,
        code.unwrap_or_default()
    )
}

fn retry_after(reply: &Reply) -> Option<Duration> {
    let mut headers = reply.headers.iter();
    let (_, seconds) = headers.find(|(name, _)| name == "retry-after")?;
    seconds.parse().ok().map(Duration::from_secs)
}

fn wire(request: &Request<'_>) -> simulator::Request {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let target = request
        .url
        .strip_prefix("https://simulated")
        .unwrap_or(&request.url);
    let authorization = match request.credentials {
        Credentials::Bearer(token) => format!("Bearer {}", token.expose_secret()),
        Credentials::Basic(id, secret) => {
            let pair = format!("{id}:{}", secret.expose_secret());
            format!("Basic {}", BASE64.encode(pair.as_bytes()))
        }
    };
    let mut wire = simulator::Request::new(method, target)
        .header("accept", "application/json")
        .header("authorization", &authorization);
    for (name, value) in request.headers {
        wire = wire.header(name, value);
    }
    match &request.body {
        Some(body) => wire
            .header("content-type", body.content_type())
            .body(body.text()),
        None => wire,
    }
}
