//! Calls: what a request to the Accounting API asks for, read from its path, parameters and body.
//!
//! Source: Intuit API reference, the "Request URL" of each operation; node-quickbooks adds `operation=update` to every
//! update, and that is taken too.

use crate::fault::Fault;
use crate::json::Json;
use crate::kind::Kind;
use crate::message::{Request, percent_decode};
use crate::query::{self, Statement};

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// Create or update.
    Save(Kind, Json),
    /// Void.
    Void(Kind, Json),
    /// Delete.
    Delete(Kind, Json),
    /// Read by id.
    Read(Kind, String),
    /// Query.
    Query(Statement),
    /// A batch's items.
    Batch(Json),
    /// Changes since a moment: entities and the moment, as sent.
    Changes(String, String),
    /// The rate of a currency, by code.
    ExchangeRate(String),
    /// Nothing: the request itself is wrong.
    Refuse(Fault),
}

/// A call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What it is about, such as `salesreceipt`.
    pub subject: &'static str,
    /// What it does, such as `create`.
    pub verb: &'static str,
    pub work: Work,
    /// True if a used document number does no harm.
    pub allow_duplicate_number: bool,
}

impl Call {
    /// The operation's name, such as `salesreceipt.create`.
    pub fn operation(&self) -> String {
        format!("{}.{}", self.subject, self.verb)
    }

    /// True for what Intuit meters: taking data out.
    pub fn is_read(&self) -> bool {
        matches!(self.verb, "read" | "query")
    }
}

/// Reads a request whose path goes on with `rest` after the company.
pub(crate) fn read(request: &Request, rest: &str) -> Call {
    let mut segments = rest.split('/').filter(|segment| !segment.is_empty());
    let head = segments.next().unwrap_or_default();
    let id = segments.next();
    let includes: Vec<&str> = request
        .parameter("include")
        .unwrap_or_default()
        .split(',')
        .collect();
    let includes = |word: &str| {
        includes
            .iter()
            .any(|other| other.eq_ignore_ascii_case(word))
    };
    let (subject, verb, work) = match (
        request.method.as_str(),
        head.to_ascii_lowercase().as_str(),
        id,
    ) {
        (_, "query", None) => query(request),
        ("POST", "batch", None) => (
            "batch",
            "write",
            body(request).map_or_else(Work::Refuse, Work::Batch),
        ),
        ("GET", "cdc", None) => {
            let parameter = |name: &str| request.parameter(name).unwrap_or_default().to_owned();
            (
                "cdc",
                "read",
                Work::Changes(parameter("entities"), parameter("changedSince")),
            )
        }
        ("GET", "exchangerate", None) => (
            "exchangerate",
            "read",
            Work::ExchangeRate(
                request
                    .parameter("sourcecurrencycode")
                    .unwrap_or_default()
                    .to_owned(),
            ),
        ),
        ("GET", "preferences", None) => (
            "preferences",
            "read",
            Work::Read(Kind::Preferences, "1".to_owned()),
        ),
        ("GET", "companyinfo", Some(_)) => (
            "companyinfo",
            "read",
            Work::Read(Kind::CompanyInfo, "1".to_owned()),
        ),
        ("GET", segment, Some(id)) => match Kind::named(segment) {
            Some(kind) => (
                kind.segment(),
                "read",
                Work::Read(kind, percent_decode(id, false)),
            ),
            None => unknown(head),
        },
        ("POST", segment, None) => match Kind::named(segment) {
            Some(kind) => write(kind, request, includes("void")),
            None => unknown(head),
        },
        _ => unknown(head),
    };
    Call {
        subject,
        verb,
        work,
        allow_duplicate_number: includes("allowduplicatedocnum"),
    }
}

type Parts = (&'static str, &'static str, Work);

fn unknown(head: &str) -> Parts {
    let fault = Fault::validation(
        "2000",
        "Invalid or unsupported object name",
        format!("Object Name: {head}"),
    );
    ("unknown", "request", Work::Refuse(fault))
}

fn query(request: &Request) -> Parts {
    let statement = match request.method.as_str() {
        "POST" => String::from_utf8_lossy(&request.body).into_owned(),
        _ => request.parameter("query").unwrap_or_default().to_owned(),
    };
    match query::read(&statement) {
        Ok(statement) => (statement.kind.segment(), "query", Work::Query(statement)),
        Err(fault) => ("unknown", "query", Work::Refuse(fault)),
    }
}

fn write(kind: Kind, request: &Request, void: bool) -> Parts {
    let subject = kind.segment();
    let body = match body(request) {
        Ok(body) => body,
        Err(fault) => return (subject, "create", Work::Refuse(fault)),
    };
    let unsupported = |operation: &str| {
        Work::Refuse(Fault::unsupported(&format!(
            "Operation {operation} is not supported."
        )))
    };
    match request
        .parameter("operation")
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("delete") if kind.is_receipt() => (subject, "delete", Work::Delete(kind, body)),
        Some("update") if void && kind.is_receipt() => (subject, "void", Work::Void(kind, body)),
        None | Some("update" | "create") => {
            let verb = if crate::change::text_or_number(&body, "Id").is_some() {
                "update"
            } else {
                "create"
            };
            (subject, verb, Work::Save(kind, body))
        }
        Some("void") => (subject, "void", unsupported("void")),
        Some("delete") => (subject, "delete", unsupported("delete")),
        Some(other) => (subject, "update", unsupported(other)),
    }
}

/// The JSON body of a write.
///
/// # Errors
/// 1050 for another content type, 2010 for bytes that are no UTF-8 or no JSON, as reported.
fn body(request: &Request) -> Result<Json, Fault> {
    let content_type = request.header_value("content-type").unwrap_or_default();
    if !content_type
        .to_ascii_lowercase()
        .starts_with("application/json")
    {
        return Err(Fault::validation(
            "1050",
            "Invalid Content Type",
            format!(
                "Invalid Content Type : {content_type}. Supported types are application/xml and application/json"
            ),
        ));
    }
    let text = std::str::from_utf8(&request.body).map_err(|error| {
        let byte = request.body.get(error.valid_up_to()).copied().unwrap_or(0);
        Fault::unknown_property(&format!("Invalid UTF-8 middle byte 0x{byte:02x}"))
    })?;
    match Json::read(text) {
        Ok(body @ Json::Object(_)) => Ok(body),
        Ok(_) => Err(Fault::unknown_property("the body is not an object")),
        Err(error) => Err(Fault::unknown_property(&error)),
    }
}
