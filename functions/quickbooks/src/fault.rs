//! Faults: how QuickBooks says no, and who has to act on each.
//!
//! A fault can arrive with any status, 200 included, so every answer is looked through for one. The table in
//! `class_of` is the only place a fault code is spelt; texts are never matched, except where one code means
//! several things. Codes: Intuit, "Error codes" and "Handling common errors"; shapes: captured answers in public
//! client libraries (python-quickbooks #250, #369; quickbooks-ruby fixtures).

use std::time::Duration;

use serde::Deserialize;

use crate::transport::{Answer, Silence};

/// QuickBooks, or the way to it, did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it means for us.
    pub class: FaultClass,
    /// HTTP status; 0 where no answer came.
    pub status: u16,
    /// QuickBooks' code ("6240"), where it gave one.
    pub code: Option<String>,
    /// The field it complains of, where it named one.
    pub element: Option<String>,
    /// Intuit's trace id.
    pub intuit_tid: Option<String>,
}

/// What a fault means for us, by who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultClass {
    /// The token is missing, expired or revoked: refresh and ask once more.
    Unauthorized,
    /// We may not use this company, or not for this. Who has to act depends on the code, and on whether it lasts.
    AccessDenied,
    /// The company can only be read: its subscription ended.
    CompanyReadOnly,
    /// Too many requests; nothing was done.
    Throttled(Option<Duration>),
    /// Never reached QuickBooks; nothing was done.
    NotSent,
    /// The document number is in use.
    NumberTaken,
    /// The name is in use by a customer, vendor or employee.
    NameTaken,
    /// The books are closed for that day.
    PeriodClosed,
    /// Something referred to is inactive, deleted or unknown.
    ReferenceDead,
    /// The record was changed since it was read.
    Stale,
    /// A business rule of QuickBooks.
    Refused,
    /// Our request itself is wrong.
    OurDefect,
    /// Nobody knows whether it was carried out.
    OutcomeUnknown,
}

impl Fault {
    /// Whether the write is proven not to have happened, so that sending it again cannot make a second one.
    #[must_use]
    pub fn proves_nothing_was_written(&self) -> bool {
        self.class != FaultClass::OutcomeUnknown
    }

    /// The code and the field, for a sentence or a log: "6000 Line". Never the detail, which may hold names.
    #[must_use]
    pub fn label(&self) -> String {
        let code = self
            .code
            .clone()
            .unwrap_or_else(|| format!("HTTP {}", self.status));
        match self.element.as_deref() {
            Some(element) if !element.is_empty() => format!("{code} {element}"),
            _ => code,
        }
    }

    /// The fault for no answer at all.
    #[must_use]
    pub fn silent(silence: Silence) -> Self {
        let class = match silence {
            Silence::NotSent => FaultClass::NotSent,
            Silence::Unknown => FaultClass::OutcomeUnknown,
        };
        Self {
            class,
            status: 0,
            code: None,
            element: None,
            intuit_tid: None,
        }
    }

    /// The fault for an answer that cannot be read, or lacks what a success holds.
    #[must_use]
    pub fn unreadable(answer: &Answer) -> Self {
        Self {
            class: FaultClass::OutcomeUnknown,
            status: answer.status,
            code: None,
            element: None,
            intuit_tid: answer.intuit_tid.clone(),
        }
    }
}

/// Looks through an answer for a fault; `None` means it may be read as a success.
#[must_use]
pub fn fault_in(answer: &Answer) -> Option<Fault> {
    let envelope = serde_json::from_slice::<Envelope>(&answer.body).ok();
    let errors = envelope
        .and_then(|envelope| envelope.fault)
        .map(|fault| fault.errors);
    let success = (200..300).contains(&answer.status);
    let first = match errors {
        None if success => return None,
        None => None,
        Some(errors) => errors.into_iter().next(),
    };
    let code = first.as_ref().and_then(|error| error.code.clone());
    let fault = Fault {
        class: class_of(answer, code.as_deref()),
        status: answer.status,
        code,
        element: first
            .and_then(|error| error.element)
            .filter(|element| !element.is_empty()),
        intuit_tid: answer.intuit_tid.clone(),
    };
    tracing::info!(
        metric.Faults = fault.code.as_deref().unwrap_or("none"),
        quickbooks.status = fault.status,
        quickbooks.intuit_tid = fault.intuit_tid.as_deref().unwrap_or_default(),
        "QuickBooks answers with the fault {}: {:?}",
        fault.label(),
        fault.class
    );
    Some(fault)
}

fn class_of(answer: &Answer, code: Option<&str>) -> FaultClass {
    // The gateway writes "003001" in one place and "3001" in another.
    let number = code.and_then(|code| code.parse::<u32>().ok());
    match number {
        Some(3001) => FaultClass::Throttled(answer.retry_after),
        Some(3200) => FaultClass::Unauthorized,
        Some(100 | 110 | 120 | 130 | 3100 | 5020) => FaultClass::AccessDenied,
        Some(6190) => FaultClass::CompanyReadOnly,
        Some(140 | 150) => FaultClass::NotSent,
        Some(6140) => FaultClass::NumberTaken,
        Some(6240) => FaultClass::NameTaken,
        Some(6200 | 6210) => FaultClass::PeriodClosed,
        Some(610 | 2500 | 6250) => FaultClass::ReferenceDead,
        Some(5010) => FaultClass::Stale,
        // 600 answers a request id that was used before: something was written under it.
        Some(600 | 10000) => FaultClass::OutcomeUnknown,
        Some(500..=599 | 1000..=2499 | 3000 | 4000..=4002 | 6070..=6100 | 6160 | 6170 | 6230) => {
            FaultClass::OurDefect
        }
        _ => match answer.status {
            401 => FaultClass::Unauthorized,
            403 => FaultClass::AccessDenied,
            429 => FaultClass::Throttled(answer.retry_after),
            // Without its words nobody knows which: it is looked for, and asked again.
            400 if code.is_some() => FaultClass::Refused,
            404 | 413 => FaultClass::OurDefect,
            // 5xx, 3xx, and a success that carries a fault nobody knows.
            _ => FaultClass::OutcomeUnknown,
        },
    }
}

/// Both shapes: the application's capitals and the gateway's lower case.
#[derive(Deserialize)]
struct Envelope {
    #[serde(alias = "Fault")]
    fault: Option<WireFault>,
}

#[derive(Deserialize)]
struct WireFault {
    #[serde(alias = "Error", alias = "error", default)]
    errors: Vec<WireError>,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(alias = "Code")]
    code: Option<String>,
    #[serde(alias = "Element")]
    element: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            intuit_tid: Some("1-abc".to_owned()),
            retry_after: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn application(code: &str) -> String {
        format!(
            r#"{{"Fault":{{"Error":[{{"Message":"m","Detail":"d","code":"{code}","element":""}}],"type":"ValidationFault"}},"time":"t"}}"#
        )
    }

    fn gateway(code: &str) -> String {
        format!(
            r#"{{"warnings":null,"fault":{{"error":[{{"message":"m","detail":null,"code":"{code}","element":null}}],"type":"SERVICE"}},"time":1789452011734}}"#
        )
    }

    #[test]
    fn each_fault_means_one_thing() {
        for (status, body, class) in [
            (400, application("6240"), FaultClass::NameTaken),
            (400, application("6140"), FaultClass::NumberTaken),
            (400, application("6210"), FaultClass::PeriodClosed),
            (400, application("2500"), FaultClass::ReferenceDead),
            (400, application("6190"), FaultClass::CompanyReadOnly),
            (400, application("6000"), FaultClass::Refused),
            (400, application("2010"), FaultClass::OurDefect),
            (401, application("120"), FaultClass::AccessDenied),
            (401, gateway("3200"), FaultClass::Unauthorized),
            (403, gateway("3100"), FaultClass::AccessDenied),
            (429, gateway("3001"), FaultClass::Throttled(None)),
            (403, gateway("003001"), FaultClass::Throttled(None)),
            (200, application("6000"), FaultClass::OutcomeUnknown),
            (200, application("10000"), FaultClass::OutcomeUnknown),
            (500, application("10000"), FaultClass::OutcomeUnknown),
            (400, application("600"), FaultClass::OutcomeUnknown),
            (503, "<html>".to_owned(), FaultClass::OutcomeUnknown),
            (
                400,
                application("6000").split_at(40).0.to_owned(),
                FaultClass::OutcomeUnknown,
            ),
            (504, String::new(), FaultClass::OutcomeUnknown),
            (401, "<xml/>".to_owned(), FaultClass::Unauthorized),
            (429, String::new(), FaultClass::Throttled(None)),
        ] {
            let fault = fault_in(&answer(status, &body)).expect("a fault");
            assert_eq!(fault.class, class, "{status} {body}");
        }
    }

    #[test]
    fn a_success_is_not_a_fault() {
        assert_eq!(
            fault_in(&answer(200, r#"{"SalesReceipt":{"Id":"1"},"time":"t"}"#)),
            None
        );
    }

    #[test]
    fn only_a_lost_or_unclear_answer_leaves_the_outcome_open() {
        assert!(Fault::silent(Silence::NotSent).proves_nothing_was_written());
        assert!(!Fault::silent(Silence::Unknown).proves_nothing_was_written());
    }
}
