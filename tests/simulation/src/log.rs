//! The log: everything that is logged, at whatever level, to be searched for what must never be there.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What must never be logged: refresh tokens, access tokens, the app's secret, and addresses, as the simulation writes them.
pub const SECRETS: [&str; 5] = [
    "RT1-",
    "eyJ",
    "demo-secret",
    "refresh_token=",
    "@example.com",
];

/// Everything that is logged.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<String>>);

impl Log {
    /// All of it, line by line.
    ///
    /// # Panics
    ///
    /// Where somebody died while writing.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.lock().expect("nobody died").clone()
    }

    /// A line that holds what must never be logged, if there is one.
    #[must_use]
    pub fn secret(&self) -> Option<String> {
        let text = self.text();
        let is_secret = |line: &&str| SECRETS.iter().any(|secret| line.contains(secret));
        text.lines().find(is_secret).map(str::to_owned)
    }
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").expect("writing to memory does not fail");
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line(&mut self.0.lock().expect("nobody died")));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().expect("nobody died")));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut log = self.0.lock().expect("nobody died");
        event.record(&mut Line(&mut log));
        log.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
