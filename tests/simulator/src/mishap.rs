//! Mishaps: what trouble that was asked for makes of a request or of its reply.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::fault::Fault;
use crate::message::{Delivery, Reply};
use crate::oauth;
use crate::stamp;
use crate::trouble::{Trouble, TroubleKind};

/// The detail of a captured code 10000.
const STUMBLE: &str = "An unexpected error occurred while accessing or saving your data. Please wait a few minutes and try again.";

/// A duration as one that can be added to a moment.
pub(crate) fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// How long a delivery keeps the server busy.
pub(crate) fn duration(delivery: Delivery) -> Duration {
    match delivery {
        Delivery::Now => Duration::ZERO,
        Delivery::After(after) | Delivery::Lost { after, .. } => after,
    }
}

/// The reply that comes instead of doing what was asked, where the trouble is of that kind.
pub(crate) fn instead(trouble: &Trouble, now: Timestamp) -> Option<Reply> {
    let stamp = stamp::millisecond(now);
    let fault = |fault: Fault| {
        let status = trouble.status.unwrap_or(fault.status);
        Reply::new(
            status,
            "application/json;charset=UTF-8",
            fault.body(&stamp, now.as_millisecond()),
        )
    };
    let application = || Fault::application(STUMBLE);
    let page = |status: u16, title: &str| {
        Reply::new(
            status,
            "text/html",
            format!(
                "<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
            ),
        )
    };
    Some(match trouble.kind {
        TroubleKind::TimeoutWithoutCommit => Reply {
            delivery: Delivery::Lost {
                after: trouble.lasting(),
                committing_after: None,
            },
            ..page(504, "504 Gateway Time-out")
        },
        TroubleKind::CommitLate => {
            let after = Duration::from_secs(trouble.answer_after);
            Reply {
                delivery: Delivery::Lost {
                    after,
                    committing_after: Some(trouble.lasting()),
                },
                ..page(504, "504 Gateway Time-out")
            }
        }
        TroubleKind::OkWithFault => {
            let code = trouble.code.clone().unwrap_or_else(|| "10000".to_owned());
            fault(Fault {
                status: 200,
                code,
                ..application()
            })
        }
        TroubleKind::OkNothingDone => Reply::new(
            200,
            "application/json;charset=UTF-8",
            format!("{{\"BatchItemResponse\":[],\"time\":\"{stamp}\"}}"),
        ),
        TroubleKind::Throttle => fault(Fault::throttled()),
        TroubleKind::Down => page(
            trouble.status.unwrap_or(503),
            "503 Service Temporarily Unavailable",
        ),
        TroubleKind::Fail500 => fault(application()),
        TroubleKind::Fault => {
            let code = trouble.code.as_deref().unwrap_or("1000");
            let detail = trouble.detail.as_deref().unwrap_or("Operation failed");
            fault(Fault::validation(code, "Operation failed", detail))
        }
        TroubleKind::Html200 => page(200, "Please sign in to the network"),
        TroubleKind::TokenExpired => fault(Fault::unauthenticated(Some("Token expired"))),
        TroubleKind::InvalidGrant => oauth::invalid_grant(),
        _ => return None,
    })
}

/// What trouble does to a reply after the work is done.
pub(crate) fn befall(
    reply: &mut Reply,
    trouble: Option<&Trouble>,
    latency_milliseconds: u64,
    now: Timestamp,
) {
    if latency_milliseconds > 0 {
        reply.delivery = Delivery::After(Duration::from_millis(latency_milliseconds));
    }
    let Some(trouble) = trouble else { return };
    match trouble.kind {
        TroubleKind::LoseAnswer => {
            reply.delivery = Delivery::Lost {
                after: trouble.lasting(),
                committing_after: None,
            }
        }
        TroubleKind::Delay => {
            reply.delivery =
                Delivery::After(trouble.lasting() + Duration::from_millis(latency_milliseconds))
        }
        TroubleKind::CommitThen500 => {
            let fault = Fault::application(STUMBLE);
            reply.status = trouble.status.unwrap_or(500);
            reply.body = fault
                .body(&stamp::millisecond(now), now.as_millisecond())
                .into_bytes();
        }
        TroubleKind::Truncate => reply.body.truncate(reply.body.len() / 2),
        _ => {}
    }
}
