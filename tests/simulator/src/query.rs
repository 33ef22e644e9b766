//! Queries: QuickBooks' own SQL-like language, its grammar and its refusals.
//!
//! Source: Intuit, "Data queries"; refusals from captured answers. There is no OR, no NOT, no join; compared values are
//! case-insensitive; lists give active entries only unless `Active` is in the filter.

mod parse;
pub(crate) mod property;
mod run;
mod token;

use jiff::Timestamp;

pub(crate) use parse::Statement;
pub(crate) use run::moment;

use crate::company::Company;
use crate::fault::Fault;

/// A page without MAXRESULTS.
pub(crate) const PAGE: usize = 100;
/// The largest page.
pub(crate) const PAGE_MAX: usize = 1000;

/// Reads a statement.
///
/// # Errors
/// 4000 where the grammar is broken, 4001 where a property or a number is wrong.
pub(crate) fn read(statement: &str) -> Result<Statement, Fault> {
    parse::statement(statement)
}

/// Runs a statement and gives the members of its answer.
pub(crate) fn run(
    company: &Company,
    statement: &Statement,
    now: Timestamp,
) -> Result<String, Fault> {
    run::run(company, statement, now)
}
