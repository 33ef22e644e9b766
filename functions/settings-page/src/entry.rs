//! One transaction: what became of it, what was posted, and the buttons for it.

use askama::Template;
use bookkeeping::company::{Company, TaxModel};
use bookkeeping::connection::Connection;
use bookkeeping::ids::MerchantId;
use bookkeeping::money::Currency;
use bookkeeping::reason::{Reason, ReasonCode, State};
use bookkeeping::refund::NamedTax;
use bookkeeping::settings::AutomatedTax;
use bookkeeping::transaction::{Kind, TransactionKey};
use common::locales::{Sentences, say, sentences};
use common::store::activity::Entry;
use common::store::{Connections, Ledger, Links, Row, StoreError};
use common::told::receipt_url;
use common::web::notice::Notice;
use common::web::session::Session;
use common::web::{Request, Response, visit};
use common::world::World;
use recording::Recorder;
use recording::stop::Again;

use crate::activity::{Line, is_judged_by_lists, line, may_retry};
use crate::fallback::FALLBACK;
use crate::frame::{Frame, Tab};
use crate::names::{Names, link_of, names, whole};
use crate::people::People;
use crate::posted::{Shown, posted};
use crate::restore::{Overwrite, not_put_back, overwrites};
use crate::story::story;
use crate::view::View;

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
    /// The receipt's page in QuickBooks; empty where there is none, or in another company than the one connected now.
    link: String,
    /// Whether it is in QuickBooks as we sent it.
    is_recorded: bool,
    /// In which company it stands, or for which it is kept, where that is another; empty where it is not.
    elsewhere: String,
    posted: Option<Shown>,
    buttons: Buttons,
    /// The company the buttons decide for; empty where it is not the one connected now.
    company: String,
    /// Until when the books are closed at least, where that is asked.
    closed: String,
    /// Where it is put right by a choice, and the words of the button there.
    cure: Option<(String, String)>,
    /// Who paid or was paid back; empty where that is not known.
    customer: String,
    /// The payment a refund takes back: its page and its number; none where it is not ours.
    payment: Option<(String, String)>,
    /// How the tax of a refund is named: by one of these codes, where there are any, else by an amount; none where it is not asked.
    tax: Option<Vec<(String, String)>>,
    /// What we wrote over in the customer's record.
    overwrites: Vec<Overwrite>,
}

/// Which buttons there are.
#[derive(Default)]
pub(crate) struct Buttons {
    retry: bool,
    pub(crate) refresh: bool,
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
            refresh: is_judged_by_lists(code),
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

    /// Those for what is kept for another company than the one connected now: nothing about its records is chosen from here.
    fn elsewhere(reason: Option<&Reason>) -> Self {
        let skip = reason.is_some_and(|reason| Self::of(reason.code).skip);
        Self {
            skip,
            ..Self::default()
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
    let language = session.language;
    let view = View::of(connection.as_ref(), language);
    // What is about another company's records is not asked of the one connected now.
    let present = connection.as_ref().filter(|_| view.is_of_present(&row));
    let reason = row.reason.clone().filter(|_| row.state() != State::Synced);
    let posted = posted(world, &key, &row, &view).await?;
    let buttons = match view.is_of_present(&row) {
        true => buttons(reason.as_ref(), present),
        false => Buttons::elsewhere(reason.as_ref()),
    };
    let currency = currency_of(&row);
    let overwrites = overwrites(recorder, present, &row, language).await?;
    let link = present.and_then(|connection| link_of(connection, &row));
    let link = match link {
        Some(link) => world.store().links(&[link]).await?.pop().flatten(),
        None => None,
    };
    let restored = link.and_then(|link| link.facts.restored);
    let people = People::of(world, session).await?;
    // While it waits, everything that tells one customer from another.
    let customer = match whole(world, &key).await? {
        Some(whole) => Some(whole),
        None => names(world, connection.as_ref(), &[(&key, &row)])
            .await?
            .remove(&key),
    };
    let mut frame = Frame::of(world, session, Tab::Activity, request);
    if request.query("undone") == Some("partly") {
        frame.undone = not_put_back(request, language);
    }
    let page = Page {
        frame,
        kind: key.kind.as_str(),
        id: key.id.clone(),
        sentences: reason.as_ref().map(|reason| sentences(reason, language)),
        story: story(key.kind, &row, restored.as_ref(), &people, &view),
        link: row
            .synced
            .as_ref()
            .filter(|synced| view.present(&synced.realm).is_some())
            .map(|synced| receipt_url(key.kind, synced, world.quickbooks_api_url()))
            .unwrap_or_default(),
        is_recorded: reason.is_none() && row.synced.is_some(),
        elsewhere: elsewhere(&row, &view),
        posted,
        company: present
            .map(|connection| connection.company.realm.to_string())
            .unwrap_or_default(),
        closed: closed_through(&row, &view),
        cure: buttons
            .cure(&key, currency)
            .map(|(address, words)| (address, say(language, words, None, &[]))),
        customer: customer.unwrap_or_default(),
        payment: payment_of(world, &key, &row).await?,
        tax: present
            .filter(|_| buttons.name_tax)
            .map(|connection| named_by(&connection.company)),
        overwrites,
        buttons,
        line: line(
            &Entry {
                position: String::new(),
                key: Some(key),
                row,
            },
            &Names::new(),
            &view,
        ),
    };
    let html = page.render().expect("writing to memory does not fail");
    Ok(Response::page(200, html))
}

/// Says in which company a transaction stands, or for which it is kept, where that is not the one connected now.
fn elsewhere(row: &Row, view: &View<'_>) -> String {
    let realm = row.synced.as_ref().map(|synced| &synced.realm);
    let (realm, message) = match (realm, &row.realm) {
        (Some(realm), _) => (realm, "entry-elsewhere"),
        (None, Some(realm)) => (realm, "entry-kept-for"),
        (None, None) => return String::new(),
    };
    view.elsewhere(realm).map_or_else(String::new, |company| {
        say(view.language, message, None, &[("company", &company)])
    })
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

/// The codes by which a company's refunds have their tax named; none where it is named by an amount.
fn named_by(company: &Company) -> Vec<(String, String)> {
    let codes = NamedTax::codes(company).filter(|_| NamedTax::is_by_code(company));
    codes
        .map(|code| (code.id.to_string(), code.name.clone()))
        .collect()
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
fn closed_through(row: &Row, view: &View<'_>) -> String {
    let own = row
        .listing
        .as_ref()
        .map(|listing| view.zone.to_datetime(listing.moved_at).date());
    let company = view.connection.map(|connection| &connection.company);
    let told = company.and_then(|company| company.closed_through);
    own.max(told).map(|day| day.to_string()).unwrap_or_default()
}
