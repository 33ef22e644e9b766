//! Running a query over the books.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};

use super::PAGE;
use super::parse::{Condition, Operator, Statement, Value, Wanted, invalid};
use super::property::{self, Compared, Fact};
use crate::books::Record;
use crate::company::Company;
use crate::fault::Fault;
use crate::json::{Json, write_text};
use crate::kind::Kind;

/// A condition whose property and values are understood.
struct Test {
    place: usize,
    operator: Operator,
    facts: Vec<Fact>,
}

/// Runs a statement and gives the members of its answer.
pub(super) fn run(
    company: &Company,
    statement: &Statement,
    now: Timestamp,
) -> Result<String, Fault> {
    let kind = statement.kind;
    let tests = statement
        .conditions
        .iter()
        .map(|condition| test(company, kind, condition))
        .collect::<Result<Vec<_>, _>>()?;
    let mut order = Vec::new();
    for (property, descending) in &statement.order {
        order.push((
            property::find(kind, property).map_err(|detail| invalid(&detail))?,
            *descending,
        ));
    }
    let asks_about_active = statement
        .conditions
        .iter()
        .any(|condition| condition.property.eq_ignore_ascii_case("Active"));
    let visible_until = now
        - SignedDuration::from_secs(i64::try_from(company.switches.index_lag_seconds).unwrap_or(0));
    let passes = |record: &&Record| {
        (asks_about_active || record.active || kind.is_receipt())
            && (company.switches.index_lag_seconds == 0 || record.created <= visible_until)
            && tests.iter().all(|test| test.passes(record))
    };
    // Without an order rows come newest first, as seen on a live company, although the page implies otherwise.
    let mut rows: Vec<&Record> = match numbered(company, kind, &tests) {
        Some(records) => records.into_iter().filter(passes).collect(),
        None => company.books.all(kind).rev().filter(passes).collect(),
    };
    if statement.wanted == Wanted::Count {
        return Ok(format!(
            "\"QueryResponse\":{{\"totalCount\":{}}}",
            rows.len()
        ));
    }
    if !order.is_empty() {
        rows.sort_by(|left, right| {
            order
                .iter()
                .fold(Ordering::Equal, |so_far, (place, descending)| {
                    so_far.then_with(|| {
                        let ordering = compare_rows(kind, *place, left, right);
                        if *descending {
                            ordering.reverse()
                        } else {
                            ordering
                        }
                    })
                })
        });
    }
    let page: Vec<&Record> = rows
        .into_iter()
        .skip(statement.start - 1)
        .take(statement.max.unwrap_or(PAGE))
        .collect();
    Ok(written(statement, &page))
}

/// The few receipts a document number names, so that looking for one does not walk all of them.
fn numbered<'a>(company: &'a Company, kind: Kind, tests: &[Test]) -> Option<Vec<&'a Record>> {
    let number = property::of(kind)
        .iter()
        .position(|property| property.name == "DocNumber")?;
    let test = tests.iter().find(|test| {
        test.place == number && matches!(test.operator, Operator::Equal | Operator::In)
    })?;
    let mut records = Vec::new();
    for fact in &test.facts {
        let Fact::Text(text) = fact else { return None };
        records.extend(
            company
                .books
                .with_number(kind, text)
                .iter()
                .filter_map(|id| company.books.find(kind, id)),
        );
    }
    Some(records)
}

fn written(statement: &Statement, page: &[&Record]) -> String {
    let kind = statement.kind;
    if page.is_empty() {
        return "\"QueryResponse\":{}".to_owned();
    }
    let mut out = String::from("\"QueryResponse\":{");
    write_text(kind.name(), &mut out);
    out.push_str(":[");
    for (index, record) in page.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        match &statement.wanted {
            Wanted::Columns(columns) => columns_of(record, columns).write(&mut out),
            _ => out.push_str(&record.text),
        }
    }
    // Settings come without a start position, as recorded.
    if kind == Kind::Preferences {
        out.push_str(&format!("],\"maxResults\":{}}}", page.len()));
    } else {
        out.push_str(&format!(
            "],\"startPosition\":{},\"maxResults\":{}}}",
            statement.start,
            page.len()
        ));
    }
    out
}

/// The named columns of a record, with the id and the envelope.
fn columns_of(record: &Record, columns: &[String]) -> Json {
    let wanted = |name: &str| {
        matches!(name, "Id" | "SyncToken" | "domain" | "sparse")
            || columns.iter().any(|column| {
                column
                    .split('.')
                    .next()
                    .is_some_and(|head| head.eq_ignore_ascii_case(name))
            })
    };
    let values = record.values();
    Json::Object(
        values
            .members()
            .iter()
            .filter(|(name, _)| wanted(name))
            .cloned()
            .collect(),
    )
}

fn compare_rows(kind: Kind, place: usize, left: &Record, right: &Record) -> Ordering {
    if property::of(kind)[place].compared == Compared::Id {
        let number = |record: &Record| record.id.parse::<u64>().unwrap_or(0);
        return number(left).cmp(&number(right));
    }
    left.facts[place]
        .partial_cmp(&right.facts[place])
        .unwrap_or(Ordering::Equal)
}

/// Understands a condition: the property may be filtered, the operator suits it, the values are of its type.
fn test(company: &Company, kind: Kind, condition: &Condition) -> Result<Test, Fault> {
    let place = property::find(kind, &condition.property).map_err(|detail| invalid(&detail))?;
    let known = property::of(kind)[place];
    let name = &condition.property;
    if known.compared == Compared::Id
        && !matches!(condition.operator, Operator::Equal | Operator::In)
    {
        return Err(invalid(&format!(
            "QueryValidationError: Operator is not supported for property {name}"
        )));
    }
    if condition.operator == Operator::Like {
        let refused = known.compared != Compared::Text
            || (known.name == "PrimaryEmailAddr" && !company.switches.like_on_email);
        if refused {
            return Err(invalid(&format!(
                "QueryValidationError: Operator LIKE is not supported for property {name}"
            )));
        }
    }
    let facts = condition
        .values
        .iter()
        .map(|value| fact(known.compared, value))
        .collect::<Option<Vec<_>>>();
    let facts = facts.ok_or_else(|| {
        invalid(&format!(
            "QueryValidationError: Invalid value for property {name}"
        ))
    })?;
    Ok(Test {
        place,
        operator: condition.operator,
        facts,
    })
}

fn fact(compared: Compared, value: &Value) -> Option<Fact> {
    match (compared, value) {
        (Compared::Text | Compared::Id, Value::Text(text) | Value::Number(text)) => {
            Some(Fact::Text(text.to_lowercase()))
        }
        (Compared::Number, Value::Text(text) | Value::Number(text)) => {
            text.parse().ok().map(Fact::Number)
        }
        (Compared::YesNo, Value::YesNo(value)) => Some(Fact::YesNo(*value)),
        (Compared::YesNo, Value::Text(text)) => text.to_lowercase().parse().ok().map(Fact::YesNo),
        (Compared::Moment, Value::Text(text)) => moment(text).map(Fact::Moment),
        _ => None,
    }
}

/// A moment with its offset, or a day, which begins at midnight of Coordinated Universal Time here.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    text.parse()
        .ok()
        .or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

impl Test {
    fn passes(&self, record: &Record) -> bool {
        let Some(own) = &record.facts[self.place] else {
            return false;
        };
        let first = self.facts.first();
        match self.operator {
            Operator::Equal | Operator::In => self.facts.contains(own),
            Operator::Less => first.is_some_and(|fact| own < fact),
            Operator::Greater => first.is_some_and(|fact| own > fact),
            Operator::AtMost => first.is_some_and(|fact| own <= fact),
            Operator::AtLeast => first.is_some_and(|fact| own >= fact),
            Operator::Like => match (own, first) {
                (Fact::Text(text), Some(Fact::Text(pattern))) => like(text, pattern),
                _ => false,
            },
        }
    }
}

/// True if the text fits the pattern, whose only wildcard is `%`.
fn like(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('%');
    let Some(first) = parts.next() else {
        return false;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            match rest.find(middle) {
                Some(place) => rest = &rest[place + middle.len()..],
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_what_its_parts_are_in_in_order() {
        for (text, pattern, fits) in [
            ("a@x.com, b@x.com", "%a@x.com%", true),
            ("ana@x.com", "%a@x.com", true),
            ("ana", "a%", true),
            ("ana", "n%", false),
            ("ana", "ana", true),
            ("ana", "an", false),
            ("aba", "a%ba%a", false),
            ("anna", "a%n%a", true),
        ] {
            assert_eq!(like(text, pattern), fits, "{text} like {pattern}");
        }
    }
}
