//! What was posted of one transaction, line by line: a payment's own lines, and a refund's share of them.

use bookkeeping::connection::Connection;
use bookkeeping::ids::{ItemId, RealmId, RefundId, TaxCodeId, TaxRateId};
use bookkeeping::money::{Amount, Currency};
use bookkeeping::outcome::Synced;
use bookkeeping::reason::State;
use bookkeeping::receipt::LineTax;
use bookkeeping::refund::{NamedTax, Posted, spread};
use bookkeeping::transaction::{Kind, TransactionKey};
use common::locales::say;
use common::mail::spelled;
use common::store::{Ledger, Refunds, Row, StoreError};
use common::world::World;

use crate::view::View;

/// What was posted, in words.
pub(crate) struct Shown {
    /// The message of its heading.
    pub title: &'static str,
    /// The company whose items and taxes these are, where that is not the one connected now.
    pub elsewhere: Option<String>,
    /// Each line: its item, its tax code, its net.
    pub lines: Vec<(String, String, String)>,
    /// The tax of each rate.
    pub taxes: Vec<(String, String)>,
    /// All of it.
    pub total: String,
}

/// The same in ids and minor units.
struct Parts {
    currency: Currency,
    lines: Vec<(ItemId, LineTax, i64)>,
    /// A tax that was named as an amount has no rate.
    taxes: Vec<(Option<TaxRateId>, i64)>,
}

impl Parts {
    /// A payment's receipt, with so much of each of its parts.
    fn of(posted: &Posted, shares: &[i64]) -> Self {
        let (lines, taxes) = shares.split_at(posted.lines.len().min(shares.len()));
        let lines = posted.lines.iter().zip(lines);
        let taxes = posted.taxes.iter().zip(taxes);
        Self {
            currency: posted.currency,
            lines: lines
                .map(|(line, share)| (line.item.clone(), line.tax.clone(), *share))
                .collect(),
            taxes: taxes
                .map(|(tax, share)| (Some(tax.rate.clone()), *share))
                .collect(),
        }
    }

    /// A refund whose tax the operator named: one line of services.
    fn named(tax: &NamedTax, amount: Amount, row: &Row, connection: &Connection) -> Option<Self> {
        let services = connection.settings.items.fallback.clone()?;
        let currency = amount.currency();
        Some(match tax {
            NamedTax::Amount(tax) => Self {
                currency,
                lines: vec![(services, LineTax::Off, amount.minor() - tax)],
                taxes: vec![(None, *tax)],
            },
            NamedTax::Code(id) => {
                let mut codes = connection.company.tax_codes.iter();
                let code = codes.find(|code| code.id == *id)?;
                let moved_at = row.listing.as_ref()?.moved_at;
                let day = connection.time_zone().to_datetime(moved_at).date();
                let parts = NamedTax::parts(code, amount, day).ok()?;
                let rates = code.rates.iter().map(|rate| Some(rate.id.clone()));
                Self {
                    currency,
                    lines: vec![(services, LineTax::Code(id.clone()), parts[0])],
                    taxes: rates.zip(parts[1..].iter().copied()).collect(),
                }
            }
        })
    }
}

/// What was posted of a transaction; none where nothing was, or where nobody can tell any more.
///
/// # Errors
///
/// [`StoreError`] where the store is not to be had.
pub(crate) async fn posted<W: World>(
    world: &W,
    key: &TransactionKey,
    row: &Row,
    view: &View<'_>,
) -> Result<Option<Shown>, StoreError> {
    let Some(synced) = &row.synced else {
        return Ok(None);
    };
    let (title, parts) = match key.kind {
        Kind::Payment => {
            let posted = row.posted.as_ref();
            let parts = posted.map(|posted| Parts::of(posted, &posted.parts()));
            ("entry-posted", parts)
        }
        Kind::Refund if row.state() == State::Synced => {
            let parts = taken_back(world, key, row, synced, view).await?;
            ("entry-taken-back", parts)
        }
        Kind::Refund => return Ok(None),
    };
    Ok(parts.map(|parts| shown(title, &parts, &synced.realm, view)))
}

/// What a refund took of its payment, part by part.
async fn taken_back<W: World>(
    world: &W,
    key: &TransactionKey,
    row: &Row,
    synced: &Synced,
    view: &View<'_>,
) -> Result<Option<Parts>, StoreError> {
    let listing = row.listing.as_ref();
    let of = listing.and_then(|listing| listing.payment.as_ref());
    let (Some(payment), Ok(refund)) = (of, RefundId::parse(&key.id)) else {
        return Ok(None);
    };
    let payment = TransactionKey::payment(key.merchant.clone(), payment);
    let refunded = world.store().refunded(&payment).await?;
    // What was posted in another company is none of this refund's: it was recorded by itself there.
    let realm = &synced.realm;
    let is_same = |of: &Synced| of.realm == *realm;
    let payment = world.store().row(&payment).await?;
    let payment = payment.filter(|row| row.synced.as_ref().is_none_or(is_same));
    let basis = refunded.basis.clone();
    let basis = basis.filter(|_| refunded.basis_in.as_ref().is_none_or(|of| of == realm));
    let posted = payment.and_then(|row| row.posted).or(basis);
    let shared = || {
        let posted = posted.as_ref()?;
        let taken = refunded.by(&refund)?;
        let is_shared = taken.parts.len() == posted.parts().len();
        let taken = is_shared.then_some(taken)?;
        let shares = spread(taken.amount, &taken.parts, posted)?;
        Some(Parts::of(posted, &shares))
    };
    let named = || {
        let connection = view.connection.filter(|_| view.present(realm).is_some())?;
        let tax = refunded.named(&refund, realm)?;
        Parts::named(tax, listing?.amount?, row, connection)
    };
    let mut parts = shared().or_else(named);
    if let Some(parts) = &mut parts {
        // What it leaves alone is none of it.
        parts.lines.retain(|(_, _, net)| *net != 0);
        parts.taxes.retain(|(_, tax)| *tax != 0);
    }
    Ok(parts)
}

fn shown(title: &'static str, parts: &Parts, realm: &RealmId, view: &View<'_>) -> Shown {
    let (company, language) = (view.present(realm), view.language);
    let words = |message: &str| say(language, message, None, &[]);
    let amount = |minor| spelled(Amount::from_minor(minor, parts.currency), language);
    let unnamed = match company {
        Some(_) => "settings-gone",
        None => "entry-id-there",
    };
    let gone = |id: &str| say(language, unnamed, None, &[("id", id)]);
    let codes = || company.into_iter().flat_map(|company| &company.tax_codes);
    let item = |id: &ItemId| {
        let mut items = company.into_iter().flat_map(|company| &company.items);
        let known = items.find(|item| item.id == *id);
        known.map_or_else(|| gone(id.as_ref()), |item| item.name.clone())
    };
    let code_name = |id: &TaxCodeId| {
        let known = codes().find(|code| code.id == *id);
        known.map_or_else(|| gone(id.as_ref()), |code| code.name.clone())
    };
    let code = |tax: &LineTax| match tax {
        LineTax::Code(id) => code_name(id),
        LineTax::Tax => words("entry-taxable"),
        LineTax::Non => words("entry-not-taxable"),
        LineTax::Off => String::new(),
    };
    let rate = |id: &TaxRateId| {
        let mut rates = codes().flat_map(|code| &code.rates);
        let known = rates.find(|rate| rate.id == *id);
        known.map_or_else(
            || match company {
                Some(_) => gone(id.as_ref()),
                None => say(language, "statement-rate", None, &[("id", id.as_ref())]),
            },
            |rate| rate.name.clone(),
        )
    };
    let all = parts.lines.iter().map(|(_, _, net)| net);
    let all = all.chain(parts.taxes.iter().map(|(_, tax)| tax));
    let total = amount(all.sum());
    let (lines, taxes) = (parts.lines.iter(), parts.taxes.iter());
    Shown {
        title,
        elsewhere: view.elsewhere(realm),
        lines: lines
            .map(|(id, tax, net)| (item(id), code(tax), amount(*net)))
            .collect(),
        taxes: taxes
            .map(|(id, tax)| {
                let name = id.as_ref().map_or_else(|| words("entry-tax"), rate);
                (name, amount(*tax))
            })
            .collect(),
        total,
    }
}
