//! Change data capture: what changed since a moment, what is gone as stubs.
//!
//! Source: Intuit API reference, ChangeDataCapture: at most 30 days back, at most 1000 objects; tax codes, rates and
//! agencies are not covered.

use jiff::{SignedDuration, Timestamp};

use crate::answer::Content;
use crate::company::Company;
use crate::fault::Fault;
use crate::json::{Json, write_text};
use crate::kind::Kind;
use crate::query;
use crate::stamp;

/// How far back changes are kept, in hours.
const BACK_MAX_HOURS: i64 = 30 * 24;

/// The changes of some kinds since a moment.
pub(crate) fn since(
    company: &Company,
    entities: &str,
    since: &str,
    now: Timestamp,
) -> Result<Content, Fault> {
    let moment = query::moment(since).ok_or_else(|| Fault::missing("changedSince"))?;
    if moment < now - SignedDuration::from_hours(BACK_MAX_HOURS) {
        return Err(Fault::validation(
            "4001",
            "Invalid query",
            "changedSince lies more than 30 days back.",
        ));
    }
    if entities.trim().is_empty() {
        return Err(Fault::missing("entities"));
    }
    let mut out = String::from("\"CDCResponse\":[{\"QueryResponse\":[");
    for (index, name) in entities.split(',').enumerate() {
        let covered =
            |kind: &Kind| !matches!(kind, Kind::TaxCode | Kind::TaxRate | Kind::TaxAgency);
        let kind = Kind::named(name.trim()).filter(covered);
        let kind = kind.ok_or_else(|| {
            Fault::validation(
                "2000",
                "Invalid or unsupported object name",
                format!("Object Name: {}", name.trim()),
            )
        })?;
        if index > 0 {
            out.push(',');
        }
        write_kind(company, kind, moment, &mut out);
    }
    out.push_str("]}]");
    Ok(Content::Members(out.into()))
}

fn write_kind(company: &Company, kind: Kind, since: Timestamp, out: &mut String) {
    let changed = company
        .books
        .all(kind)
        .filter(|record| record.updated >= since)
        .map(|record| record.text.to_string());
    let gone = company
        .books
        .gone()
        .iter()
        .filter(|gone| gone.kind == kind && gone.at >= since)
        .map(|gone| {
            Json::object([
                ("status", Json::text("Deleted")),
                ("domain", Json::text("QBO")),
                ("Id", Json::text(&gone.id)),
                (
                    "MetaData",
                    Json::object([("LastUpdatedTime", Json::text(stamp::second(gone.at)))]),
                ),
            ])
            .to_text()
        });
    let rows: Vec<String> = changed.chain(gone).take(query::PAGE_MAX).collect();
    if rows.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push('{');
    write_text(kind.name(), out);
    out.push_str(&format!(
        ":[{}],\"startPosition\":1,\"maxResults\":{}}}",
        rows.join(","),
        rows.len()
    ));
}
