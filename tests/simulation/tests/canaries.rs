//! What is logged holds no token and no secret, whatever goes wrong.
#![recursion_limit = "256"]

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use simulation::payments::payment;
use simulation::refreshes::{Bug, Stage, Tally};
use simulation::town::{REALM, Town};
use simulator::{Trouble, TroubleKind};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Everything that is logged, at whatever level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

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

#[test]
fn no_token_and_no_secret_is_ever_logged() {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        let stage = Stage::new();
        for seed in 0..20 {
            let played = stage.play(seed, Bug::None, &mut Tally::default());
            played.expect("the promises are kept");
        }
        let mut town = Town::new(3);
        let refused = Trouble::new(TroubleKind::TokenExpired).on("salesreceipt.create");
        let now = town.outside.waits.clock.now();
        town.outside
            .intuit
            .borrow_mut()
            .trouble(now, refused.at(REALM));
        town.send("message-1", payment(1, 1));
        town.work_all();
    });
    let log = log.0.lock().expect("nobody died");
    assert!(log.contains("renewed the tokens of mer_laurier"), "{log}");
    assert!(log.contains("InvalidGrant") && log.contains("Unauthorized"));
    // As the simulator writes refresh tokens, access tokens and the app's secret.
    for canary in ["RT1-", "eyJ", "demo-secret", "refresh_token="] {
        let line = log.lines().find(|line| line.contains(canary));
        assert_eq!(line, None, "{canary}");
    }
}
