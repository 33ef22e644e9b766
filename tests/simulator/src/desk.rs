//! The desk every API request comes to: counting, tokens, limits, trouble, request ids, and only then the books.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::answer::{Answer, Content};
use crate::api;
use crate::call::{self, Call, Work};
use crate::company::Company;
use crate::fault::Fault;
use crate::grants::Refusal;
use crate::intuit::Intuit;
use crate::json::Json;
use crate::message::{Reply, Request};
use crate::mishap::{befall, duration, instead, signed};
use crate::oauth::ACCOUNTING;
use crate::replays::fingerprint;
use crate::trouble::{Trouble, TroubleKind};
use crate::xml;

/// Answers a request to a company.
pub(crate) fn api(
    intuit: &mut Intuit,
    now: Timestamp,
    request: &Request,
    realm: &str,
    rest: &str,
) -> Reply {
    let call = call::read(request, rest);
    let request_id = request.parameter("requestid");
    let operation = call.operation();
    let trouble = intuit
        .troubles
        .take(Some(realm), &operation, request_id, now);
    let admitted = admit(intuit, request, realm, now);
    let Some(company) = intuit.companies.get_mut(realm) else {
        let fault = admitted.err().unwrap_or_else(|| Fault::forbidden(None));
        return written(&Answer::new(Err(fault), now), request);
    };
    company.counters.of(call.subject, call.verb).requests += 1;
    if let Some(id) = request_id {
        company
            .counters
            .see(id, fingerprint(&operation, &request.body));
    }
    let let_in = company
        .limits
        .admit(now, matches!(call.work, Work::Batch(_)), &company.switches);
    let hopeless = admitted.is_err()
        && trouble
            .as_ref()
            .is_some_and(|trouble| trouble.kind == TroubleKind::CommitLate);
    let mut reply = match trouble
        .as_ref()
        .filter(|_| !hopeless)
        .and_then(|trouble| instead(trouble, now))
    {
        Some(reply) => {
            company.counters.of(call.subject, call.verb).refusals += 1;
            match reply.status {
                429 => asking_for_rest(company, reply),
                _ => reply,
            }
        }
        None if !let_in => throttled(company, &call, now, request),
        None => {
            let answer = match admitted {
                Ok(()) => answered(company, &call, request, trouble.as_ref(), now),
                Err(fault) => refused(company, &call, fault, now),
            };
            written(&answer, request)
        }
    };
    if !matches!(reply.delivery, crate::message::Delivery::Lost { .. }) {
        befall(
            &mut reply,
            trouble.as_ref(),
            company.switches.latency_milliseconds,
            now,
        );
        if let Some(trouble) = trouble.filter(|trouble| trouble.kind == TroubleKind::WrongEcho) {
            misquote(&mut reply, trouble.cents);
        }
    }
    let busy = duration(reply.delivery);
    if !busy.is_zero() {
        company.limits.occupy(now + signed(busy));
    }
    reply
}

/// Does what a request asked for after its client has gone. Its token was good when it arrived.
pub(crate) fn late(
    intuit: &mut Intuit,
    now: Timestamp,
    request: &Request,
    realm: &str,
    rest: &str,
) {
    if let Some(company) = intuit.companies.get_mut(realm) {
        let call = call::read(request, rest);
        let _unheard = answered(company, &call, request, None, now);
    }
}

/// The token opens this company. Sources of the shapes: reports of 3200, 3100 and 100 in Intuit's and others' trackers.
fn admit(intuit: &Intuit, request: &Request, realm: &str, now: Timestamp) -> Result<(), Fault> {
    let Some(token) = request
        .header_value("authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
    else {
        return Err(Fault::unauthenticated(None));
    };
    if token.len() < 20 || token.len() > 4096 {
        return Err(Fault::unauthenticated(Some(
            "Malformed bearer token: too short or too long",
        )));
    }
    intuit
        .grants
        .admits(token, Some(realm), ACCOUNTING, now)
        .map_err(|refusal| match refusal {
            Refusal::Expired => Fault::unauthenticated(Some("Token expired")),
            Refusal::Unknown | Refusal::Revoked => Fault::unauthenticated(None),
            Refusal::Scope => {
                Fault::forbidden(Some("The access token does not have sufficient scope"))
            }
            Refusal::WrongRealm => Fault::authorization(
                "AuthenticationFault",
                "100",
                "General Authentication Error",
                "AuthenticationErrorGeneral: SRV-110-Authentication Failure , statusCode: 401",
            ),
        })
}

/// Does the work once, or gives the answer that was given to the same request id before.
fn answered(
    company: &mut Company,
    call: &Call,
    request: &Request,
    trouble: Option<&Trouble>,
    now: Timestamp,
) -> Answer {
    let request_id = request
        .parameter("requestid")
        .filter(|_| request.method == "POST" && !call.is_read());
    let print = fingerprint(&call.operation(), &request.body);
    if let Some(id) = request_id {
        let is_batch = matches!(call.work, Work::Batch(_));
        match company
            .replays
            .answer(id, print, is_batch, now, &company.switches)
        {
            Ok(Some(answer)) => {
                company.counters.of(call.subject, call.verb).replays += 1;
                company.counters.refused_again += u64::from(answer.is_fault());
                return answer;
            }
            Ok(None) => {}
            Err(fault) => return refused(company, call, fault, now),
        }
    }
    let off_by = trouble
        .filter(|trouble| trouble.kind == TroubleKind::WrongTotal)
        .map_or(Decimal::ZERO, |trouble| Decimal::new(trouble.cents, 2));
    let result = api::perform(company, call, off_by, now);
    let answer = match result {
        Ok(content) => done(company, call, content, now),
        Err(fault) => refused(company, call, fault, now),
    };
    if let Some(id) = request_id {
        company.replays.remember(id, print, answer.clone(), now);
    }
    answer
}

fn done(company: &mut Company, call: &Call, content: Content, now: Timestamp) -> Answer {
    let figures = company.counters.of(call.subject, call.verb);
    if call.is_read() {
        figures.reads += 1;
    } else {
        figures.writes += 1;
    }
    Answer::new(Ok(content), now)
}

fn refused(company: &mut Company, call: &Call, fault: Fault, now: Timestamp) -> Answer {
    company.counters.of(call.subject, call.verb).refusals += 1;
    *company
        .counters
        .faults
        .entry(fault.code.clone())
        .or_default() += 1;
    Answer::new(Err(fault), now)
}

fn throttled(company: &mut Company, call: &Call, now: Timestamp, request: &Request) -> Reply {
    let fault = Fault {
        gateway: !company.switches.throttle_in_capitals,
        ..Fault::throttled()
    };
    let answer = refused(company, call, fault, now);
    asking_for_rest(company, written(&answer, request))
}

/// A 429 with how long to leave the company alone, where the switch says so.
fn asking_for_rest(company: &Company, mut reply: Reply) -> Reply {
    if let Some(seconds) = company.switches.retry_after_seconds {
        reply
            .headers
            .push(("retry-after".to_owned(), seconds.to_string()));
    }
    reply
}

/// The answer as bytes: JSON where the request asks for it, else XML, as Intuit does.
fn written(answer: &Answer, request: &Request) -> Reply {
    let wants_json = request.parameter("format") == Some("json")
        || request
            .header_value("accept")
            .is_some_and(|accept| accept.contains("json"));
    if wants_json {
        return Reply::new(
            answer.status(),
            "application/json;charset=UTF-8",
            answer.body(),
        );
    }
    Reply::new(
        answer.status(),
        "application/xml;charset=UTF-8",
        xml::from_json(&answer.body()),
    )
}

/// Changes the total an answer tells, not the books.
fn misquote(reply: &mut Reply, cents: i64) {
    let Ok(mut body) = Json::read(&reply.text()) else {
        return;
    };
    for kind in ["SalesReceipt", "RefundReceipt"] {
        if let Some(mut entity) = body.get(kind).cloned() {
            let total = entity
                .get("TotalAmt")
                .and_then(Json::as_number)
                .unwrap_or_default();
            entity.set("TotalAmt", Json::Number(total + Decimal::new(cents, 2)));
            body.set(kind, entity);
        }
    }
    reply.body = body.to_text().into_bytes();
}
