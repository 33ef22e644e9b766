//! Pages for people: the companies, their books, the consent of a merchant.

mod books;
mod look;

use jiff::Timestamp;

use crate::intuit::Intuit;
use crate::message::{Reply, Request, percent_decode};
use crate::oauth::Asked;
use look::{escape, page};

/// Answers a request for a page.
pub(crate) fn answer(intuit: &Intuit, now: Timestamp, request: &Request) -> Reply {
    let segments: Vec<&str> = request
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    match segments.as_slice() {
        [] => companies(intuit, now),
        ["books", realm] => match intuit.companies.get(*realm) {
            Some(company) => html(200, books::page_of(company)),
            None => html(
                404,
                page("No such company", "<h1>There is no such company</h1>"),
            ),
        },
        ["login"] | ["app", "login"] => deep_link(request),
        ["app", entity] => plain_link(intuit, entity, request),
        _ => html(404, page("Not found", "<h1>There is nothing here</h1>")),
    }
}

fn html(status: u16, body: String) -> Reply {
    Reply::new(status, "text/html;charset=UTF-8", body)
}

fn companies(intuit: &Intuit, now: Timestamp) -> Reply {
    let mut all: Vec<_> = intuit.companies.values().collect();
    all.sort_by(|left, right| left.realm.cmp(&right.realm));
    let rows: String = all
        .iter()
        .map(|company| {
            let connected = if intuit.grants.current_refresh(&company.realm).is_some() { "connected" } else { "not connected" };
            let receipts = company.books.all(crate::kind::Kind::SalesReceipt).count();
            format!(
                "<tr><td><a href=\"/books/{realm}\">{name}</a></td><td>{country}</td><td>{currency}</td><td class=n>{receipts}</td><td>{connected}</td><td><code>{realm}</code></td></tr>",
                realm = escape(&company.realm),
                name = escape(company.name()),
                country = escape(company.country()),
                currency = escape(company.home_currency()),
            )
        })
        .collect();
    let body = format!(
        "<h1>Companies</h1><p class=quiet>A stand-in for QuickBooks Online. Its clock says {}.</p>\
         <table><thead><tr><th>Company</th><th>Country</th><th>Currency</th><th class=n>Sales receipts</th><th>App</th><th>Realm</th></tr></thead><tbody>{rows}</tbody></table>",
        escape(&crate::stamp::second(now))
    );
    html(200, page("Companies", &body))
}

/// `/login?deeplinkcompanyid=R&pagereq=salesreceipt?txnId=N`: the link QuickBooks opens with the company pinned.
fn deep_link(request: &Request) -> Reply {
    let realm = request.parameter("deeplinkcompanyid").unwrap_or_default();
    let wanted = percent_decode(request.parameter("pagereq").unwrap_or_default(), false);
    Reply::redirect(&format!("/books/{realm}{}", anchor(&wanted)))
}

/// `/app/salesreceipt?txnId=N`: opens in the company the browser is signed in to; here the one that has it.
fn plain_link(intuit: &Intuit, entity: &str, request: &Request) -> Reply {
    let Some((name, id)) = request.query.first() else {
        return html(404, page("Not found", "<h1>There is nothing here</h1>"));
    };
    let kind = if entity == "customerdetail" {
        Some(crate::kind::Kind::Customer)
    } else {
        crate::kind::Kind::named(entity)
    };
    let holder = kind.and_then(|kind| {
        let holders = intuit.companies.values();
        holders
            .filter(|company| company.books.find(kind, id).is_some())
            .min_by(|left, right| left.realm.cmp(&right.realm))
    });
    match holder {
        Some(company) => Reply::redirect(&format!(
            "/books/{}{}",
            company.realm,
            anchor(&format!("{entity}?{name}={id}"))
        )),
        None => html(404, page("Not found", "<h1>There is nothing here</h1>")),
    }
}

fn anchor(wanted: &str) -> String {
    let (entity, query) = wanted.split_once('?').unwrap_or((wanted, ""));
    let entity = if entity == "customerdetail" {
        "customer"
    } else {
        entity
    };
    match query.split_once('=') {
        Some((_, id)) => format!("#{entity}-{id}"),
        None => String::new(),
    }
}

/// The page on which a merchant chooses a company and allows the app in.
pub(crate) fn consent(intuit: &Intuit, asked: &Asked, parameters: &[(String, String)]) -> Reply {
    let hidden: String = parameters
        .iter()
        .map(|(name, value)| {
            format!(
                "<input type=hidden name=\"{}\" value=\"{}\">",
                escape(name),
                escape(value)
            )
        })
        .collect();
    let mut all: Vec<_> = intuit.companies.values().collect();
    all.sort_by(|left, right| left.realm.cmp(&right.realm));
    let choices: String = all
        .iter()
        .enumerate()
        .map(|(index, company)| {
            format!(
                "<label class=choice><input type=radio name=realmId value=\"{}\"{}> <b>{}</b> <span class=quiet>{}</span></label>",
                escape(&company.realm),
                if index == 0 { " checked" } else { "" },
                escape(company.name()),
                escape(company.country()),
            )
        })
        .collect();
    let body = format!(
        "<form class=consent method=post action=\"/connect/oauth2/consent\"><h1>Connect to QuickBooks</h1>\
         <p>Which company should <b>{app}</b> work with? It asks for <code>{scope}</code>.</p>{hidden}<fieldset><legend>Company</legend>{choices}</fieldset>\
         <p><button type=submit>Connect</button> <button type=submit name=cancel value=1 class=plain>No, thanks</button></p>\
         <p class=quiet>You will be sent back to {back}.</p></form>",
        app = escape(&intuit.app.client_id),
        scope = escape(&asked.scope),
        back = escape(&asked.redirect_uri),
    );
    html(200, page("Connect to QuickBooks", &body))
}
