//! Refunds of what was posted: in any order, delivered again at any time, until nothing is left.

use bookkeeping::money::Amount;
use bookkeeping::reason::ReasonCode;
use bookkeeping::receipt::ReceiptDraft;
use bookkeeping::refund::{Posted, Taken, remaining};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::check::{Books, predicted};
use crate::shop::{Shop, posted};

/// A payment that was posted.
pub(crate) struct Sale<'a> {
    /// Its message.
    pub message: &'a str,
    /// What is remembered of it.
    pub posted: Posted,
    /// What stands in the books of it.
    pub books: Books,
    /// Whether a refund may list its lines: they stand there as they were told.
    pub listable: bool,
}

/// What refunds were gone through.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub refunds: u64,
    pub listed: u64,
    pub again: u64,
    pub closed: u64,
}

/// The refunds of one sale so far.
#[derive(Default)]
struct Back {
    taken: Vec<Taken>,
    drawn: Vec<(String, ReceiptDraft)>,
    books: Books,
}

/// Refunds the sales of a basket, where it has refunds at all.
///
/// # Errors
///
/// What does not hold, with the messages it was found on.
pub(crate) fn refund(shop: &mut Shop, number: u64, sales: &[Sale<'_>]) -> Result<Tally, String> {
    let mut chance = Chance::new(!number);
    let mut tally = Tally::default();
    if !chance.percent(40) {
        return Ok(tally);
    }
    let mut turns: Vec<usize> = Vec::new();
    for (at, sale) in sales.iter().enumerate() {
        if sale.posted.parts().iter().sum::<i64>() > 0 {
            let count = usize::try_from(chance.between(1, 5)).expect("a few");
            turns.extend(std::iter::repeat_n(at, count));
        }
    }
    chance.shuffle(&mut turns);
    let mut backs: Vec<Back> = sales.iter().map(|_| Back::default()).collect();
    for (turn, at) in turns.iter().enumerate() {
        let (sale, back) = (&sales[*at], &mut backs[*at]);
        let is_last = !turns[turn + 1..].contains(at);
        let closes = is_last && chance.percent(80);
        one(shop, &mut chance, sale, back, closes, &mut tally)
            .map_err(|what| format!("{}: {what}\n{}", shop.name, sale.message))?;
        if chance.percent(25) {
            let at = *chance.one_of(&turns[..=turn]);
            again(shop, &mut chance, &sales[at], &backs[at])
                .map_err(|what| format!("{}: {what}\n{}", shop.name, sales[at].message))?;
            tally.again += 1;
        }
    }
    for (sale, back) in sales.iter().zip(&backs) {
        tally.closed += u64::from(is_closed(shop, sale, back).map_err(|what| {
            let refunds: Vec<&str> = back.drawn.iter().map(|(text, _)| text.as_str()).collect();
            format!(
                "{}: {what}\n{}\n{}",
                shop.name,
                sale.message,
                refunds.join("\n")
            )
        })?);
    }
    Ok(tally)
}

/// Draws up and posts one more refund of a sale.
fn one(
    shop: &mut Shop,
    chance: &mut Chance,
    sale: &Sale<'_>,
    back: &mut Back,
    closes: bool,
    tally: &mut Tally,
) -> Result<(), String> {
    let left = remaining(&sale.posted, &back.taken);
    let whole = left.iter().sum::<i64>() / shop.grain;
    if whole == 0 {
        return Ok(());
    }
    let listed = match !closes && sale.listable && chance.percent(30) {
        true => listed(shop, chance, sale, &left),
        false => None,
    };
    let (amount, lines) = match listed {
        Some((amount, line)) => (amount, json!([line])),
        None if closes => (whole, Value::Null),
        None => (chance.between(1, whole), Value::Null),
    };
    tally.refunds += 1;
    tally.listed += u64::from(!lines.is_null());
    let message = message(shop, sale, back.taken.len(), amount, &lines);
    let (key, draft, taken) = shop
        .draw_refund(&message, &sale.posted, &back.taken)
        .map_err(|reason| format!("{reason:?}\n{message}"))?;
    let wrong = |what: String| format!("{what}\n{message}");
    for (share, left) in taken.parts.iter().zip(&left) {
        if share.abs() > left.abs() || share.signum() * left.signum() < 0 {
            return Err(wrong(format!("takes {share} of {left}")));
        }
    }
    if taken.parts.iter().sum::<i64>() != amount * shop.grain {
        return Err(wrong(format!("takes {:?}", taken.parts)));
    }
    let answer = shop.write(&key, &draft).map_err(wrong)?;
    let wrong = |what: String| format!("{what}\n{message}\n{answer}");
    if posted(&answer["TotalAmt"], draft.total) != amount * shop.grain {
        return Err(wrong(format!("the total is not {}", draft.total)));
    }
    predicted(shop, &draft, &answer).map_err(wrong)?;
    back.books.add(shop, &draft, &answer).map_err(wrong)?;
    back.taken.push(taken);
    back.drawn.push((message, draft));
    Ok(())
}

/// Delivers one of a sale's refunds again, whatever came after it: it is the same refund.
fn again(shop: &Shop, chance: &mut Chance, sale: &Sale<'_>, back: &Back) -> Result<(), String> {
    let which: Vec<usize> = (0..back.drawn.len()).collect();
    if which.is_empty() {
        return Ok(());
    }
    let at = *chance.one_of(&which);
    let (message, draft) = &back.drawn[at];
    let (_, drawn, taken) = shop
        .draw_refund(message, &sale.posted, &back.taken)
        .map_err(|reason| format!("the second time {reason:?}\n{message}"))?;
    match drawn == *draft && taken == back.taken[at] {
        true => Ok(()),
        false => Err(format!("drawn up otherwise the second time\n{message}")),
    }
}

/// Whether nothing is left of a sale; then its refunds are its mirror, and there is no more to be had.
fn is_closed(shop: &Shop, sale: &Sale<'_>, back: &Back) -> Result<bool, String> {
    let left = remaining(&sale.posted, &back.taken);
    let is_closed = !back.taken.is_empty() && left.iter().sum::<i64>() == 0;
    if !is_closed {
        return Ok(false);
    }
    if left.iter().any(|left| *left != 0) {
        return Err(format!("{left:?} are left"));
    }
    if !back
        .books
        .is_mirror_of(&sale.books, shop.is_united_states())
    {
        return Err(format!("{:?} of {:?} went back", back.books, sale.books));
    }
    let message = message(shop, sale, back.taken.len(), 1, &Value::Null);
    match shop.draw_refund(&message, &sale.posted, &back.taken) {
        Err(reason) if reason.code == ReasonCode::RefundExceeds => Ok(true),
        Err(reason) => Err(format!("{reason:?}")),
        Ok(_) => Err("more went back than was paid".to_owned()),
    }
}

/// A part of one line with its taxes, where so much of each is left.
fn listed(shop: &Shop, chance: &mut Chance, sale: &Sale<'_>, left: &[i64]) -> Option<(i64, Value)> {
    let told: Value = serde_json::from_str(sale.message).ok()?;
    let lines = told["payment"]["lines"].as_array()?;
    let currency = sale.posted.currency;
    let grains = |text: &Value| -> Option<i64> {
        let amount = Amount::parse(text.as_str()?, currency).ok()?;
        Some(amount.minor() / shop.grain)
    };
    let at = usize::try_from(chance.between(0, lines.len() as i64 - 1)).ok()?;
    let line = &lines[at];
    let is_sale = ["service", "product", "fee"].contains(&line["kind"].as_str()?);
    let percent = chance.between(1, 100);
    let net = grains(&line["amount"])? * percent / 100;
    if !is_sale || net <= 0 || net * shop.grain > left[at] {
        return None;
    }
    let mut part =
        json!({"id": "1", "kind": line["kind"], "amount": shop.decimal(net), "taxes": []});
    if line["tax_treatment"].is_string() {
        part["tax_treatment"] = line["tax_treatment"].clone();
    }
    let mut amount = net;
    let mut taxes = Vec::new();
    for tax in line["taxes"].as_array().into_iter().flatten() {
        let grains = grains(&tax["amount"])? * percent / 100;
        let all = shop.sets.iter().flat_map(|set| set.iter());
        let (_, _, rate) = all.into_iter().find(|(id, _, _)| tax["id"] == *id)?;
        let rates = &sale.posted.taxes;
        let place = rates.iter().position(|tax| tax.rate.as_str() == *rate)?;
        if grains * shop.grain > left[sale.posted.lines.len() + place] {
            return None;
        }
        amount += grains;
        let mut tax = tax.clone();
        tax["amount"] = json!(shop.decimal(grains));
        taxes.push(tax);
    }
    part["taxes"] = Value::Array(taxes);
    Some((amount, part))
}

fn message(shop: &Shop, sale: &Sale<'_>, at: usize, amount: i64, lines: &Value) -> String {
    let told: Value = serde_json::from_str(sale.message).expect("our own message");
    let payment = told["payment"]["id"].as_str().expect("an id");
    let reference = payment.trim_start_matches("pay_");
    let mut refund = json!({
        "id": format!("ref_{reference}_{at}"), "reference": format!("R-{reference}-{at}"), "kind": "refund",
        "payment_id": payment, "refunded_at": "2026-11-23T16:20:00-05:00", "currency": shop.currency.0,
        "amount": shop.decimal(amount), "lines": lines
    });
    // Where it is not told, it is the payment's.
    if let Some(rate) = shop.currency.1.filter(|_| at.is_multiple_of(2)) {
        refund["exchange_rate"] = json!(rate);
    }
    json!({"schema": 1, "type": "payment.refunded", "merchant_id": "mer_1", "sent_at": "2026-11-23T21:20:01Z", "refund": refund})
        .to_string()
}
