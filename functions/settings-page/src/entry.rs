//! One transaction: what became of it, what was posted, and the buttons for it.

use askama::Template;
use bookkeeping::company::{Company, TaxModel};
use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use bookkeeping::message::{Content, parse};
use bookkeeping::money::{Amount, Currency};
use bookkeeping::reason::{Reason, ReasonCode, State};
use bookkeeping::receipt::LineTax;
use bookkeeping::refund::{NamedTax, Posted};
use bookkeeping::settings::AutomatedTax;
use bookkeeping::transaction::{Customer, Kind, Language, TransactionKey};
use common::locales::{Sentences, say, sentences};
use common::mail::spelled;
use common::store::activity::Entry;
use common::store::{Activity, Connections, Ledger, Row, StoreError, payload_context};
use common::told::receipt_url;
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;
use jiff::tz::TimeZone;
use recording::Recorder;
use recording::stop::Again;

use crate::activity::{Line, line, may_retry};
use crate::dates::clock;
use crate::fallback::FALLBACK;
use crate::frame::{Frame, Tab};
use crate::restore::{Overwrite, overwrites};

#[derive(Template)]
#[template(path = "entry.html")]
struct Page<'a> {
    frame: Frame<'a>,
    kind: &'static str,
    id: String,
    line: Line,
    sentences: Option<Sentences>,
    /// What happened when, oldest first.
    story: Vec<(String, String)>,
    /// The receipt's page in QuickBooks; empty where there is none.
    link: String,
    posted: Option<Shown>,
    buttons: Buttons,
    /// Until when the books are closed at least, where that is asked.
    closed: String,
    /// Where it is put right by a choice, and the words of the button there.
    cure: Option<(String, String)>,
    /// Who paid or was paid back, while it waits; empty where that is not known.
    customer: String,
    /// The payment a refund takes back: its page and its number; none where it is not ours.
    payment: Option<(String, String)>,
    /// How the tax of a refund is named; none where it is not asked.
    tax: Option<TaxAsked>,
    /// What we wrote over in the customer's record.
    overwrites: Vec<Overwrite>,
}

/// How the operator names a tax: one of these codes, else an amount.
struct TaxAsked {
    company: String,
    codes: Vec<(String, String)>,
}

/// What was posted.
struct Shown {
    lines: Vec<(String, String, String)>,
    taxes: Vec<(String, String)>,
    total: String,
}

/// Which buttons there are.
#[derive(Default)]
pub(crate) struct Buttons {
    retry: bool,
    skip: bool,
    choose: bool,
    taxes: bool,
    items: bool,
    deposits: bool,
    allow: bool,
    open_day: bool,
    automated: bool,
    fallback: bool,
    name_tax: bool,
}

impl Buttons {
    pub(crate) fn of(code: ReasonCode) -> Self {
        let held = code.state() == State::NeedsOperator;
        Self {
            retry: may_retry(code),
            skip: held && code != ReasonCode::AnswerDiffers,
            choose: matches!(
                code,
                ReasonCode::CustomerAmbiguous
                    | ReasonCode::CustomerInactive
                    | ReasonCode::CustomerEmailDiffers
                    | ReasonCode::CustomerNameTaken
            ),
            taxes: matches!(
                code,
                ReasonCode::TaxUnmapped
                    | ReasonCode::TaxMapStale
                    | ReasonCode::TaxRateDiffers
                    | ReasonCode::TaxCodeInactive
            ),
            items: matches!(
                code,
                ReasonCode::ItemMissing | ReasonCode::ReferenceInactive
            ),
            deposits: code == ReasonCode::DepositAccountMissing,
            fallback: code == ReasonCode::FallbackCustomerMissing,
            name_tax: code == ReasonCode::RefundTaxUnknown,
            allow: code == ReasonCode::RefundExceeds,
            open_day: code == ReasonCode::PeriodClosed,
            automated: false,
        }
    }

    /// Where it is put right by a choice, and the words of the button that leads there.
    pub(crate) fn cure(
        &self,
        key: &TransactionKey,
        currency: Option<Currency>,
    ) -> Option<(String, &'static str)> {
        let settings = |part: &str| format!("/quickbooks/settings?part={part}#{part}");
        Some(if self.choose {
            (address_of("customer", key), "entry-choose")
        } else if self.taxes {
            ("/quickbooks/taxes".to_owned(), "entry-taxes")
        } else if self.fallback {
            (
                format!("{FALLBACK}?currency={}", currency?),
                "entry-fallback",
            )
        } else if self.items {
            (settings("items"), "entry-items")
        } else if self.deposits {
            (settings("deposits"), "entry-deposits")
        } else {
            return None;
        })
    }
}

/// Where a transaction's page is.
pub(crate) fn address(key: &TransactionKey) -> String {
    address_of("entry", key)
}

/// Where one of the pages about a transaction is.
pub(crate) fn address_of(page: &str, key: &TransactionKey) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("kind", key.kind.as_str());
    query.append_pair("id", &key.id);
    format!("/quickbooks/activity/{page}?{}", query.finish())
}

/// The merchant's transaction of this kind and id; none where they name none.
pub(crate) fn named(
    merchant: &MerchantId,
    kind: Option<&str>,
    id: Option<&str>,
) -> Option<TransactionKey> {
    let kind = [Kind::Payment, Kind::Refund]
        .into_iter()
        .find(|known| Some(known.as_str()) == kind)?;
    Some(TransactionKey {
        merchant: merchant.clone(),
        kind,
        id: id.filter(|id| !id.is_empty())?.to_owned(),
    })
}

/// Draws the page; another merchant's transaction, and one that does not exist, are not found.
///
/// # Errors
///
/// [`Again`] where the store is not to be had.
pub async fn page<W: World>(
    recorder: &Recorder<W>,
    session: &Session,
    request: &Request,
) -> Result<Response, Again> {
    let world = &recorder.world;
    let merchant = &session.merchant;
    let key = named(merchant, request.query("kind"), request.query("id"));
    let row = match &key {
        Some(key) => world.store().row(key).await?,
        None => None,
    };
    let (Some(key), Some(row)) = (key, row) else {
        let page = visit::notice(world, Notice::NotFound, request, Some(session), &[], &[]);
        return Ok(page);
    };
    let connection = world.store().opening(merchant).await?.connection;
    let zone = connection
        .as_ref()
        .map_or(TimeZone::UTC, Connection::time_zone);
    let language = session.language;
    let company = connection.as_ref().map(|connection| &connection.company);
    let reason = row.reason.clone().filter(|_| row.state() != State::Synced);
    let posted = row
        .posted
        .as_ref()
        .map(|posted| shown(posted, company, language));
    let buttons = buttons(reason.as_ref(), connection.as_ref());
    let currency = currency_of(&row);
    let overwrites = overwrites(recorder, connection.as_ref(), &row, language).await?;
    let page = Page {
        frame: Frame::of(world, session, Tab::Activity, request),
        kind: key.kind.as_str(),
        id: key.id.clone(),
        sentences: reason.as_ref().map(|reason| sentences(reason, language)),
        story: story(key.kind, &row, &zone, language),
        link: row
            .synced
            .as_ref()
            .map(|synced| receipt_url(key.kind, synced, world.quickbooks_api_url()))
            .unwrap_or_default(),
        posted,
        closed: closed_through(&row, connection.as_ref(), &zone),
        cure: buttons
            .cure(&key, currency)
            .map(|(address, words)| (address, say(language, words, None, &[]))),
        customer: customer_of(world, &key).await?.unwrap_or_default(),
        payment: payment_of(world, &key, &row).await?,
        tax: company.filter(|_| buttons.name_tax).map(tax_asked),
        overwrites,
        buttons,
        line: line(
            &Entry {
                position: String::new(),
                key: Some(key),
                row,
            },
            &zone,
            language,
        ),
    };
    let html = page.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

/// The payment a refund takes back, where it is ours: its page and its number.
async fn payment_of<W: World>(
    world: &W,
    key: &TransactionKey,
    row: &Row,
) -> Result<Option<(String, String)>, StoreError> {
    let payment = row
        .listing
        .as_ref()
        .and_then(|listing| listing.payment.as_ref());
    let Some(payment) = payment.filter(|_| key.kind == Kind::Refund) else {
        return Ok(None);
    };
    let payment = TransactionKey::payment(key.merchant.clone(), payment);
    let row = world.store().row(&payment).await?;
    let reference = row.and_then(|row| row.listing?.reference);
    Ok(reference.map(|reference| (address(&payment), reference)))
}

/// The currency of a transaction, where it could be read.
pub(crate) fn currency_of(row: &Row) -> Option<Currency> {
    let amount = row.listing.as_ref()?.amount?;
    Some(amount.currency())
}

/// How a company's refunds have their tax named.
fn tax_asked(company: &Company) -> TaxAsked {
    let codes = NamedTax::codes(company).filter(|_| NamedTax::is_by_code(company));
    TaxAsked {
        company: company.realm.to_string(),
        codes: codes
            .map(|code| (code.id.to_string(), code.name.clone()))
            .collect(),
    }
}

/// The buttons for what a transaction waits for, as the connection stands.
fn buttons(reason: Option<&Reason>, connection: Option<&Connection>) -> Buttons {
    let Some(reason) = reason else {
        return Buttons::default();
    };
    // QuickBooks' automated sales tax made another amount: asked once, and remembered as a setting.
    let asks = |connection: &Connection| {
        reason.code == ReasonCode::AnswerDiffers
            && connection.company.tax_model == TaxModel::UsAutomated
            && connection.settings.automated_tax == AutomatedTax::AsCharged
    };
    Buttons {
        automated: connection.is_some_and(asks),
        ..Buttons::of(reason.code)
    }
}

/// The last day the books are closed for, as far as it is known: the transaction's own day at least.
fn closed_through(row: &Row, connection: Option<&Connection>, zone: &TimeZone) -> String {
    let own = row
        .listing
        .as_ref()
        .map(|listing| zone.to_datetime(listing.moved_at).date());
    let told = connection.and_then(|connection| connection.company.closed_through);
    own.max(told).map(|day| day.to_string()).unwrap_or_default()
}

/// Who paid or was paid back, as their message says, while it is still kept.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn customer_of<W: World>(
    world: &W,
    key: &TransactionKey,
) -> Result<Option<String>, StoreError> {
    let Some(sealed) = world.store().message(key).await? else {
        return Ok(None);
    };
    let keys = world.payload_keys().await?;
    let opened = keys.open(&sealed, &payload_context(key));
    let text = opened.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let customer = match text
        .and_then(|text| parse(&text).ok())
        .map(|read| read.content)
    {
        Some(
            Content::PaymentCaptured { customer, .. } | Content::PaymentRefunded { customer, .. },
        ) => customer,
        _ => None,
    };
    let words = |customer: Customer| {
        let first = customer.first_name.into_iter();
        let name: Vec<String> = first.chain(customer.last_name).collect();
        let name = Some(name.join(" ")).filter(|name| !name.is_empty());
        let all = [name, customer.company_name, customer.email, customer.phone];
        all.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    Ok(customer.map(words))
}

fn story(kind: Kind, row: &Row, zone: &TimeZone, language: Language) -> Vec<(String, String)> {
    let words = |message: &str| say(language, message, None, &[]);
    let told = [
        (
            row.listing.as_ref().map(|listing| listing.moved_at),
            match kind {
                Kind::Payment => "entry-paid",
                Kind::Refund => "entry-paid-back",
            },
        ),
        (row.received, "entry-received"),
        (row.recorded, "entry-recorded"),
        (row.due, "entry-due"),
    ];
    let told = told.into_iter().filter_map(|(at, what)| Some((at?, what)));
    told.map(|(at, what)| (clock(at, zone, language), words(what)))
        .collect()
}

fn shown(posted: &Posted, company: Option<&Company>, language: Language) -> Shown {
    let amount = |minor| spelled(Amount::from_minor(minor, posted.currency), language);
    let item = |id: &bookkeeping::ids::ItemId| {
        let known = company.and_then(|company| company.items.iter().find(|item| item.id == *id));
        known.map_or_else(|| id.to_string(), |item| item.name.clone())
    };
    let code = |tax: &LineTax| match tax {
        LineTax::Code(id) => {
            let codes = company
                .map(|company| company.tax_codes.as_slice())
                .unwrap_or_default();
            let known = codes.iter().find(|code| code.id == *id);
            known.map_or_else(|| id.to_string(), |code| code.name.clone())
        }
        LineTax::Tax => "TAX".to_owned(),
        LineTax::Non => "NON".to_owned(),
        LineTax::Off => String::new(),
    };
    let rate = |id: &bookkeeping::ids::TaxRateId| {
        let codes = company
            .map(|company| company.tax_codes.as_slice())
            .unwrap_or_default();
        let known = codes
            .iter()
            .flat_map(|code| &code.rates)
            .find(|rate| rate.id == *id);
        known.map_or_else(|| id.to_string(), |rate| rate.name.clone())
    };
    let lines = posted.lines.iter();
    let taxes = posted.taxes.iter();
    Shown {
        lines: lines
            .map(|line| (item(&line.item), code(&line.tax), amount(line.net)))
            .collect(),
        taxes: taxes
            .map(|tax| (rate(&tax.rate), amount(tax.amount)))
            .collect(),
        total: amount(posted.parts().iter().sum()),
    }
}
