//! Faults: how QuickBooks says no.
//!
//! Codes and wordings are those of Intuit's "Error codes" and "Handling common errors" pages and of captured answers;
//! where a live body was captured its wording is used. Programs must branch on the code, never on the text.

use crate::json::{Json, write_text};

/// A refusal.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// The code, such as `6240`.
    pub code: String,
    /// The type, such as `ValidationFault`.
    pub kind: &'static str,
    /// The message.
    pub message: String,
    /// The detail; `None` is written as `null` by the gateway and left out by the application.
    pub detail: Option<String>,
    /// What the fault is about; may be empty.
    pub element: String,
    /// True for the gateway's envelope: lower-case keys and a time in epoch milliseconds.
    pub gateway: bool,
}

impl Fault {
    /// A `ValidationFault` with HTTP 400.
    pub fn validation(code: &str, message: &str, detail: impl Into<String>) -> Fault {
        Fault {
            status: 400,
            code: code.to_owned(),
            kind: "ValidationFault",
            message: message.to_owned(),
            detail: Some(detail.into()),
            element: String::new(),
            gateway: false,
        }
    }

    /// The same naming the element it is about.
    #[must_use]
    pub fn about(mut self, element: &str) -> Fault {
        element.clone_into(&mut self.element);
        self
    }

    /// A fault of the gateway, which speaks before the application is reached.
    pub fn gateway(
        status: u16,
        kind: &'static str,
        code: &str,
        message: &str,
        detail: Option<&str>,
    ) -> Fault {
        Fault {
            status,
            code: code.to_owned(),
            kind,
            message: message.to_owned(),
            detail: detail.map(str::to_owned),
            element: String::new(),
            gateway: true,
        }
    }

    /// 2010: a property QuickBooks does not know.
    pub fn unknown_property(name: &str) -> Fault {
        Fault::validation(
            "2010",
            "Request has invalid or unsupported property",
            format!("Property Name:{name} specified is unsupported or invalid"),
        )
    }

    /// 2020: something required is missing.
    pub fn missing(name: &str) -> Fault {
        Fault::validation(
            "2020",
            "Required param missing, need to supply the required value for the API",
            format!("Required parameter {name} is missing in the request"),
        )
        .about(name)
    }

    /// 2050: a text that is too long.
    pub fn too_long(element: &str, max: usize, supplied: usize) -> Fault {
        let max = if max >= 1000 {
            format!("{},{:03}", max / 1000, max % 1000)
        } else {
            max.to_string()
        };
        Fault::validation(
            "2050",
            "String length is either shorter or longer than supported by specification",
            format!("String length specified does not match the supported length. Min:0 Max:{max} supported. Supplied length:{supplied}"),
        )
        .about(element)
    }

    /// 2500: a reference to nothing.
    pub fn invalid_reference(table: &str, id: &str) -> Fault {
        Fault::validation(
            "2500",
            "Invalid Reference Id",
            format!("Invalid Reference Id : {table} element id {id} not found"),
        )
    }

    /// A reference to something inactive, under the code given: 610, 2500 and 6250 are all on record.
    pub fn made_inactive(code: &str) -> Fault {
        let message = match code {
            "610" => "Object Not Found",
            "6250" => "Invalid Customer",
            _ => "Invalid Reference Id",
        };
        Fault::validation(
            code,
            message,
            format!(
                "{message} : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees."
            ),
        )
    }

    /// 610: a record that is not there.
    pub fn not_found() -> Fault {
        Fault::validation(
            "610",
            "Object Not Found",
            "Object Not Found : Another user has deleted this transaction.",
        )
    }

    /// 5010: a SyncToken that is not the current one.
    pub fn stale(user: &str) -> Fault {
        Fault::validation(
            "5010",
            "Stale Object Error",
            format!(
                "Stale Object Error : You and {user} were working on this at the same time. {user} finished before you did, so your work was not saved."
            ),
        )
    }

    /// 6240: a name that is taken, by a person or by an entry of the same list.
    pub fn duplicate_name(detail: &str) -> Fault {
        Fault::validation(
            "6240",
            "Duplicate Name Exists Error",
            format!("The name supplied already exists. : {detail}"),
        )
    }

    /// 6000: a rule of the books.
    pub fn business(detail: &str) -> Fault {
        Fault::validation(
            "6000",
            "A business validation error has occurred while processing your request",
            format!("Business Validation Error: {detail}"),
        )
    }

    /// 500: something this entity cannot do.
    pub fn unsupported(detail: &str) -> Fault {
        Fault::validation("500", "Unsupported Operation", detail).about("Operation")
    }

    /// 10000 with HTTP 500: QuickBooks itself stumbled.
    pub fn application(detail: &str) -> Fault {
        Fault {
            status: 500,
            kind: "SystemFault",
            ..Fault::validation(
                "10000",
                "An application error has occurred while processing your request",
                format!("System Failure Error: {detail}"),
            )
        }
    }

    /// 401 at the gateway: the token is missing, malformed, expired or revoked.
    pub fn unauthenticated(detail: Option<&str>) -> Fault {
        Fault::gateway(
            401,
            "AUTHENTICATION",
            "3200",
            "message=AuthenticationFailed; errorCode=003200; statusCode=401",
            detail,
        )
    }

    /// 403 at the gateway: the token is genuine but may not do this here.
    pub fn forbidden(detail: Option<&str>) -> Fault {
        Fault::gateway(
            403,
            "SERVICE",
            "3100",
            "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
            detail,
        )
    }

    /// 429: too many requests.
    pub fn throttled() -> Fault {
        Fault::gateway(
            429,
            "SERVICE",
            "3001",
            "message=ThrottleExceeded; errorCode=003001; statusCode=429",
            Some("The request limit was reached.  Try again later"),
        )
    }

    /// 401 of the application: the caller may not, whatever the token says.
    pub fn authorization(kind: &'static str, code: &str, message: &str, detail: &str) -> Fault {
        Fault {
            status: 401,
            kind,
            ..Fault::validation(code, message, detail)
        }
    }

    /// The fault as the application writes it, without the envelope: for batch items.
    pub fn inner(&self) -> Json {
        let mut error = Json::object([("Message", Json::text(&self.message))]);
        if let Some(detail) = &self.detail {
            error.set("Detail", Json::text(detail));
        }
        error.set("code", Json::text(&self.code));
        error.set("element", Json::text(&self.element));
        Json::object([
            ("Error", Json::List(vec![error])),
            ("type", Json::text(self.kind)),
        ])
    }

    /// The whole body. `stamp` is the application's time, `millis` the gateway's.
    pub fn body(&self, stamp: &str, millis: i64) -> String {
        if !self.gateway {
            let mut out = String::from("{\"Fault\":");
            self.inner().write(&mut out);
            out.push_str(",\"time\":");
            write_text(stamp, &mut out);
            out.push('}');
            return out;
        }
        let mut out = String::from(
            "{\"warnings\":null,\"intuitObject\":null,\"fault\":{\"error\":[{\"message\":",
        );
        write_text(&self.message, &mut out);
        out.push_str(",\"detail\":");
        match &self.detail {
            Some(detail) => write_text(detail, &mut out),
            None => out.push_str("null"),
        }
        out.push_str(",\"code\":");
        write_text(&self.code, &mut out);
        out.push_str(",\"element\":null}],\"type\":");
        write_text(self.kind, &mut out);
        out.push_str("},\"report\":null,\"queryResponse\":null,\"batchItemResponse\":[],\"attachableResponse\":[],\"syncErrorResponse\":null,");
        out.push_str(&format!(
            "\"requestId\":null,\"time\":{millis},\"status\":null,\"cdcresponse\":[]}}"
        ));
        out
    }
}
