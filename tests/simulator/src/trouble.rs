//! Trouble on request: what goes wrong, where, how often.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TroubleKind {
    /// It is done, and the connection is closed without an answer after `seconds`.
    LoseAnswer,
    /// It is done, and the answer is HTTP 500 with code 10000, or `status`.
    #[serde(rename = "commit_then_500", alias = "commit_then500")]
    CommitThen500,
    /// It is not done, and the connection is closed without an answer after `seconds`.
    TimeoutWithoutCommit,
    /// The connection is closed after `answer_after` seconds; it is done `seconds` after it arrived.
    CommitLate,
    /// It is not done, and the answer is HTTP 200 with a fault of code 10000, or `code`.
    OkWithFault,
    /// It is not done, and the answer is HTTP 200 with an empty batch answer.
    OkNothingDone,
    /// It is not done: HTTP 429, code 3001.
    Throttle,
    /// It is not done: HTTP 503, or `status`, with a proxy's page.
    Down,
    /// It is not done: HTTP 500 with code 10000, or `status`.
    #[serde(rename = "fail_500", alias = "fail500")]
    Fail500,
    /// It is not done: a fault of `code`, HTTP 400.
    Fault,
    /// It is done, and the answer stops half-way.
    Truncate,
    /// It is not done, and the answer is HTTP 200 with a web page.
    #[serde(rename = "html_200", alias = "html200")]
    Html200,
    /// It is done, and the answer takes `seconds`.
    Delay,
    /// It is done with a tax or total that is off by `cents`, in the books as in the answer.
    WrongTotal,
    /// It is done rightly, and the answer says another total, off by `cents`.
    WrongEcho,
    /// It is not done: HTTP 401 "Token expired", though the token is good.
    TokenExpired,
    /// The token endpoint answers `invalid_grant` though the token is good, as in an outage of Intuit's.
    InvalidGrant,
    /// The merchant disconnects: every token of the company is revoked. Lasts.
    Revoke,
    /// The subscription has ended: reads work, writes give 6190. Lasts.
    ReadOnly,
    /// Who connected is no administrator any more: 401, code 120. Lasts.
    AdminLost,
    /// The company has moved: 401, code 130. Lasts.
    WrongCluster,
    /// The company is under maintenance: code 150. Lasts.
    Maintenance,
    /// The books are closed up to the day `until`: 6200, or 6210 with `password`. Lasts.
    ClosedBooks,
    /// Request ids are ignored. Lasts.
    RequestIdOff,
    /// A request id with another body gives 600. Lasts.
    #[serde(rename = "request_id_conflict_600", alias = "request_id_conflict600")]
    RequestIdConflict600,
    /// Faults are not given again to the same request id. Lasts.
    ReplayErrorsOff,
    /// What lasts is over; the switches stay.
    Heal,
    /// What was asked for at `realm` is forgotten; without one, everything that was asked for.
    None,
}

/// Trouble that is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    /// What goes wrong.
    pub kind: TroubleKind,
    /// At which company; `None` at every one.
    #[serde(default)]
    pub realm: Option<String>,
    /// At which operation, such as `salesreceipt.create`, `customer.*`, `*.query`, `oauth.refresh`; `None` at every one of the API.
    #[serde(default)]
    pub operation: Option<String>,
    /// How often; 0 until it is taken back.
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching requests go well first.
    #[serde(default)]
    pub skip: u32,
    /// At this request id only.
    #[serde(default)]
    pub request_id: Option<String>,
    /// How long, where the kind takes a time.
    #[serde(default)]
    pub seconds: u64,
    /// How long in milliseconds, added to `seconds`.
    #[serde(default)]
    pub milliseconds: u64,
    /// How long the silence lasts before a late commit's connection is closed, in seconds.
    #[serde(default)]
    pub answer_after: u64,
    /// For how many seconds the trouble stands, whatever `times` says; `None` for ever.
    #[serde(default)]
    pub for_seconds: Option<u64>,
    /// Another HTTP status, where the kind takes one.
    #[serde(default)]
    pub status: Option<u16>,
    /// A fault code, where the kind takes one.
    #[serde(default)]
    pub code: Option<String>,
    /// A fault's detail, where the kind takes a code.
    #[serde(default)]
    pub detail: Option<String>,
    /// Cents, where the kind takes them.
    #[serde(default = "one")]
    pub cents: i64,
    /// A day, for closed books.
    #[serde(default)]
    pub until: Option<String>,
    /// True if closed books are guarded by a password.
    #[serde(default)]
    pub password: bool,
    /// When the trouble ends by itself; set when it is asked for.
    #[serde(skip)]
    pub(crate) ends: Option<Timestamp>,
    /// How often it befell a request.
    #[serde(skip)]
    pub(crate) befell: u64,
}

fn once() -> u32 {
    1
}

fn one() -> i64 {
    1
}

impl Trouble {
    /// That trouble, once, at every operation of every company.
    pub fn new(kind: TroubleKind) -> Trouble {
        Trouble {
            kind,
            realm: None,
            operation: None,
            times: 1,
            skip: 0,
            request_id: None,
            seconds: 0,
            milliseconds: 0,
            answer_after: 0,
            for_seconds: None,
            status: None,
            code: None,
            detail: None,
            cents: 1,
            until: None,
            password: false,
            ends: None,
            befell: 0,
        }
    }

    /// The same at one company.
    #[must_use]
    pub fn at(mut self, realm: &str) -> Trouble {
        self.realm = Some(realm.to_owned());
        self
    }

    /// The same at one operation.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Trouble {
        self.operation = Some(operation.to_owned());
        self
    }

    /// The same so many times; 0 until it is taken back.
    #[must_use]
    pub fn times(mut self, times: u32) -> Trouble {
        self.times = times;
        self
    }

    /// The same with that many seconds.
    #[must_use]
    pub fn seconds(mut self, seconds: u64) -> Trouble {
        self.seconds = seconds;
        self
    }

    /// How long, where the kind takes a time.
    pub(crate) fn lasting(&self) -> Duration {
        Duration::from_secs(self.seconds) + Duration::from_millis(self.milliseconds)
    }

    fn concerns(&self, realm: Option<&str>, operation: &str, request_id: Option<&str>) -> bool {
        let operation_fits = match &self.operation {
            Some(pattern) => fits(operation, pattern),
            None => !operation.starts_with("oauth."),
        };
        operation_fits
            && self.realm.as_deref().is_none_or(|own| Some(own) == realm)
            && self
                .request_id
                .as_deref()
                .is_none_or(|own| Some(own) == request_id)
    }
}

/// True if the operation is the pattern's; either half of the pattern may be `*`.
fn fits(operation: &str, pattern: &str) -> bool {
    let (subject, verb) = operation.split_once('.').unwrap_or((operation, ""));
    let (want_subject, want_verb) = pattern.split_once('.').unwrap_or((pattern, "*"));
    (want_subject == "*" || want_subject == subject) && (want_verb == "*" || want_verb == verb)
}

/// The troubles that are asked for, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Troubles {
    asked: Vec<Trouble>,
    /// Those that are used up.
    over: Vec<Trouble>,
}

impl Troubles {
    /// Adds one.
    pub fn add(&mut self, mut trouble: Trouble, now: Timestamp) {
        trouble.ends = trouble.for_seconds.map(|seconds| {
            now + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX / 2))
        });
        if trouble.ends.is_some() {
            trouble.times = 0;
        }
        self.asked.push(trouble);
    }

    /// Forgets what was asked for at one company; `None` forgets all.
    pub fn forget(&mut self, realm: Option<&str>) {
        let is_over = |trouble: &mut Trouble| realm.is_none() || trouble.realm.as_deref() == realm;
        self.over.extend(self.asked.extract_if(.., is_over));
        self.forget_idle();
    }

    /// Those that befell a request, and how often.
    pub fn befell(&self) -> impl Iterator<Item = (&Trouble, u64)> {
        let all = self.over.iter().chain(&self.asked);
        all.map(|trouble| (trouble, trouble.befell))
            .filter(|(_, times)| *times > 0)
    }

    fn forget_idle(&mut self) {
        self.over.retain(|trouble| trouble.befell > 0);
    }

    /// Those still asked for.
    pub fn all(&self) -> &[Trouble] {
        &self.asked
    }

    /// The first that concerns a request; it is used up by that.
    pub fn take(
        &mut self,
        realm: Option<&str>,
        operation: &str,
        request_id: Option<&str>,
        now: Timestamp,
    ) -> Option<Trouble> {
        if self.asked.is_empty() {
            return None;
        }
        let ended = |trouble: &mut Trouble| trouble.ends.is_some_and(|end| now >= end);
        self.over.extend(self.asked.extract_if(.., ended));
        self.forget_idle();
        let place = self
            .asked
            .iter()
            .position(|trouble| trouble.concerns(realm, operation, request_id))?;
        let trouble = &mut self.asked[place];
        if trouble.skip > 0 {
            trouble.skip -= 1;
            return None;
        }
        trouble.befell += 1;
        let taken = trouble.clone();
        match trouble.times {
            0 => {}
            1 => self.over.push(self.asked.remove(place)),
            _ => trouble.times -= 1,
        }
        Some(taken)
    }
}
