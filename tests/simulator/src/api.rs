//! The Accounting API: doing what a call asks of a company's books.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::answer::Content;
use crate::batch;
use crate::call::{Call, Work};
use crate::changes;
use crate::company::Company;
use crate::customer;
use crate::fault::Fault;
use crate::kind::Kind;
use crate::lists;
use crate::query;
use crate::receipt::{self, Options};

/// Does what a call asks for.
pub(crate) fn perform(
    company: &mut Company,
    call: &Call,
    off_by: Decimal,
    now: Timestamp,
) -> Result<Content, Fault> {
    befallen(company)?;
    let options = Options {
        allow_duplicate_number: call.allow_duplicate_number,
        off_by,
    };
    match &call.work {
        Work::Refuse(fault) => Err(fault.clone()),
        Work::Batch(body) => batch::perform(company, body, off_by, now),
        Work::Changes(entities, since) => changes::since(company, entities, since, now),
        work => one(company, work, options, now),
    }
}

/// One piece of work, alone or as an item of a batch.
pub(crate) fn one(
    company: &mut Company,
    work: &Work,
    options: Options,
    now: Timestamp,
) -> Result<Content, Fault> {
    if company.state.read_only && matches!(work, Work::Save(..) | Work::Void(..) | Work::Delete(..))
    {
        return Err(Fault::validation(
            "6190",
            "Invalid Company Status",
            "Subscription period has ended or canceled or there was a billing problem : You can't add data to QuickBooks Online Plus because your trial or subscription period ended.",
        ));
    }
    match work {
        Work::Save(kind, body) => {
            let text = match kind {
                Kind::SalesReceipt | Kind::RefundReceipt => {
                    receipt::save(company, *kind, body, options, now)?
                }
                Kind::Customer => customer::save(company, body, now)?,
                Kind::Item | Kind::Account | Kind::PaymentMethod => {
                    lists::save(company, *kind, body, now)?
                }
                other => {
                    return Err(Fault::unsupported(&format!(
                        "Operation create is not supported for {}.",
                        other.name()
                    )));
                }
            };
            Ok(Content::Entity(*kind, text))
        }
        Work::Void(kind, body) => Ok(Content::Entity(
            *kind,
            receipt::void(company, *kind, body, now)?,
        )),
        Work::Delete(kind, body) => Ok(Content::Entity(
            *kind,
            receipt::delete(company, *kind, body, now)?,
        )),
        Work::Read(kind, id) => {
            let record = company.books.find(*kind, id).ok_or_else(Fault::not_found)?;
            Ok(Content::Entity(*kind, record.text.clone()))
        }
        Work::Query(statement) => {
            query::run(company, statement, now).map(|members| Content::Members(members.into()))
        }
        Work::ExchangeRate(currency) => {
            let rate = company
                .books
                .all(Kind::ExchangeRate)
                .find(|rate| rate.text_at("SourceCurrencyCode") == Some(currency));
            rate.map(|rate| Content::Entity(Kind::ExchangeRate, rate.text.clone()))
                .ok_or_else(Fault::not_found)
        }
        Work::Refuse(fault) => Err(fault.clone()),
        Work::Batch(_) | Work::Changes(..) => {
            Err(Fault::unsupported("Operation is not supported in a batch."))
        }
    }
}

/// What has befallen the company as a whole. Sources: Intuit, "Handling common errors"; reports of codes 120 and 130.
fn befallen(company: &Company) -> Result<(), Fault> {
    if company.state.wrong_cluster {
        return Err(Fault::authorization(
            "AuthenticationFault",
            "130",
            "Accessing Wrong Cluster",
            "WrongClusterError: -11017-You have accessed the wrong server., statusCode: 401",
        ));
    }
    if company.state.admin_lost {
        return Err(Fault::authorization(
            "AuthorizationFault",
            "120",
            "Authorization Failure",
            "AuthorizationFailure: -11014-You do not have access to use QuickBooks Online Plus.",
        ));
    }
    if company.state.maintenance {
        return Err(Fault::validation(
            "150",
            "Company Under Maintenance",
            "CompanyUnderMaintenance: The company is being worked on, statusCode: 400",
        ));
    }
    Ok(())
}
