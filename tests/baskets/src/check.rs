//! What must hold of every basket.

use bookkeeping::money::Amount;
use bookkeeping::receipt::{DraftTax, ReceiptDraft};
use serde_json::Value;

use crate::basket::Basket;
use crate::refunds::{Sale, refund};
use crate::shop::{Shop, Sums, posted};

/// What was gone through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mix {
    /// Baskets.
    pub baskets: u64,
    /// Receipts posted.
    pub receipts: u64,
    /// Baskets paid in several parts.
    pub in_parts: u64,
    /// Baskets with a discount.
    pub discounted: u64,
    /// Baskets whose prices include tax.
    pub inclusive: u64,
    /// Baskets where the tax charged under some rate is not what QuickBooks would have worked out.
    pub differing: u64,
    /// Refunds posted.
    pub refunds: u64,
    /// Refunds that list a line.
    pub listed: u64,
    /// Refunds delivered again.
    pub again: u64,
    /// Payments of which everything went back.
    pub closed: u64,
}

impl Mix {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            baskets: self.baskets + other.baskets,
            receipts: self.receipts + other.receipts,
            in_parts: self.in_parts + other.in_parts,
            discounted: self.discounted + other.discounted,
            inclusive: self.inclusive + other.inclusive,
            differing: self.differing + other.differing,
            refunds: self.refunds + other.refunds,
            listed: self.listed + other.listed,
            again: self.again + other.again,
            closed: self.closed + other.closed,
        }
    }
}

/// Draws up and posts every payment of a basket, and its refunds.
///
/// # Errors
///
/// What does not hold, with the message it was found on.
pub fn check(shop: &mut Shop, basket: &Basket) -> Result<Mix, String> {
    let mut sums = Books::default();
    let mut differs = false;
    let mut sales = Vec::with_capacity(basket.parts.len());
    for part in &basket.parts {
        let wrong = |what: String| format!("{}: {what}\n{}", shop.name, part.message);
        let (key, draft, memory) = shop
            .draw_with_memory(&part.message)
            .map_err(|reason| wrong(format!("{reason:?}")))?;
        let again = shop
            .draw(&part.message)
            .map_err(|reason| wrong(format!("{reason:?}")))?;
        if again.1 != draft {
            return Err(wrong("drawn up otherwise the second time".to_owned()));
        }
        let name = shop.name;
        let answer = shop
            .write(&key, &draft)
            .map_err(|refused| format!("{name}: {refused}\n{}", part.message))?;
        let wrong = |what: String| format!("{name}: {what}\n{}\n{answer}", part.message);
        if posted(&answer["TotalAmt"], draft.total) != part.amount {
            return Err(wrong(format!("the total is not {}", part.amount)));
        }
        predicted(shop, &draft, &answer).map_err(wrong)?;
        differs |= is_not_quickbooks_own(&draft);
        let mut books = Books::default();
        books.add(shop, &draft, &answer).map_err(wrong)?;
        sums.take_in(&books);
        // Where a card or a deposit paid for a part, lines leave it open which part goes back.
        let is_paid_whole = memory.lines.iter().all(|line| line.net >= 0);
        sales.push(Sale {
            message: &part.message,
            posted: memory,
            books,
            listable: is_paid_whole
                && basket.parts.len() == 1
                && !basket.discounted
                && !basket.inclusive
                && shop.keeps_rates
                && !shop.tax_lines,
        });
    }
    whole(shop, basket, &sums).map_err(|what| {
        let messages: Vec<&str> = basket
            .parts
            .iter()
            .map(|part| part.message.as_str())
            .collect();
        format!("{}: {what}\n{}", shop.name, messages.join("\n"))
    })?;
    let back = refund(shop, basket.number, &sales)?;
    Ok(Mix {
        baskets: 1,
        receipts: basket.parts.len() as u64,
        in_parts: u64::from(basket.parts.len() > 1),
        discounted: u64::from(basket.discounted),
        inclusive: u64::from(basket.inclusive),
        differing: u64::from(differs),
        refunds: back.refunds,
        listed: back.listed,
        again: back.again,
        closed: back.closed,
    })
}

/// QuickBooks' tax is the one the draft says, rate by rate where it keeps rates as they are sent.
pub(crate) fn predicted(shop: &Shop, draft: &ReceiptDraft, answer: &Value) -> Result<(), String> {
    let detail = &answer["TxnTaxDetail"];
    let total = draft
        .tax
        .total(draft.currency)
        .map_err(|error| error.to_string())?;
    let answered = if detail["TotalTax"].is_null() {
        0
    } else {
        posted(&detail["TotalTax"], draft.total)
    };
    if answered != total.minor() {
        return Err(format!("the tax is {answered} and not {total}"));
    }
    if !shop.keeps_rates {
        return Ok(());
    }
    let lines = tax_lines(draft);
    let theirs = detail["TaxLine"].as_array().map_or(&[][..], Vec::as_slice);
    if lines.len() != theirs.len() {
        return Err(format!("{} rates and not {}", theirs.len(), lines.len()));
    }
    for (ours, theirs) in lines.iter().zip(theirs) {
        let values = &theirs["TaxLineDetail"];
        let same = values["TaxRateRef"]["value"] == ours.rate.as_str()
            && posted(&theirs["Amount"], draft.total) == ours.amount.minor()
            && (ours.amount.is_zero()
                || posted(&values["NetAmountTaxable"], draft.total) == ours.base.minor());
        if !same {
            return Err(format!("{ours:?} became {theirs}"));
        }
    }
    Ok(())
}

fn tax_lines(draft: &ReceiptDraft) -> &[bookkeeping::receipt::TaxLine] {
    match &draft.tax {
        DraftTax::None => &[],
        DraftTax::Global(lines) | DraftTax::UnitedStates { lines, .. } => lines,
    }
}

/// Whether QuickBooks would have worked out another tax: each rate on the sum of its lines, half up to cents.
fn is_not_quickbooks_own(draft: &ReceiptDraft) -> bool {
    tax_lines(draft).iter().any(|line| {
        // Percent in millionths, and cents: QuickBooks keeps two decimals whatever the currency.
        let percent = (line.percent.decimal() * rust_decimal::Decimal::from(1_000_000))
            .normalize()
            .mantissa();
        let cents = |amount: Amount| {
            i128::from(amount.minor()) * 100 / 10_i128.pow(draft.currency.exponent())
        };
        (2 * cents(line.base) * percent + 100_000_000) / 200_000_000 != cents(line.amount)
    })
}

/// What was posted: taxes by rate, and lines by item.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// By rate or, where tax stands on lines, by the tax they name.
    taxes: Sums,
    /// Of `taxes`, what stands on lines.
    on_lines: i64,
    items: Sums,
    net: i64,
}

impl Books {
    /// Adds what stands on one receipt.
    pub(crate) fn add(
        &mut self,
        shop: &Shop,
        draft: &ReceiptDraft,
        answer: &Value,
    ) -> Result<(), String> {
        for line in answer["Line"].as_array().into_iter().flatten() {
            let Some(item) = line["SalesItemLineDetail"]["ItemRef"]["value"].as_str() else {
                continue;
            };
            let amount = posted(&line["Amount"], draft.total);
            // Tax written as a line. Below nothing are discounts and rounding (26), cards (27) and deposits (28) used.
            if item == "29" {
                let name = line["Description"].as_str().unwrap_or_default();
                // In the United States tax of nothing is a line, too: a coupon leaves it due, or it is a first cent.
                let rate = shop
                    .sets
                    .iter()
                    .flat_map(|set| set.iter())
                    .find(|(id, _, _)| *id == name)
                    .map(|(_, _, rate)| *rate);
                let name = rate.filter(|_| !shop.tax_lines).unwrap_or(name);
                *self.taxes.entry(name.to_owned()).or_default() += amount;
                self.on_lines += amount;
                continue;
            }
            if amount < 0 && !["26", "27", "28"].contains(&item) {
                return Err(format!("{amount} on item {item}"));
            }
            self.net += amount;
            *self.items.entry(item.to_owned()).or_default() += amount;
        }
        for line in answer["TxnTaxDetail"]["TaxLine"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let amount = posted(&line["Amount"], draft.total);
            if amount < 0 {
                return Err(format!("a tax of {amount}"));
            }
            let rate = line["TaxLineDetail"]["TaxRateRef"]["value"]
                .as_str()
                .unwrap_or_default();
            let rate = if shop.keeps_rates { rate } else { "all" };
            *self.taxes.entry(rate.to_owned()).or_default() += amount;
        }
        Ok(())
    }
}

impl Books {
    fn take_in(&mut self, other: &Self) {
        for (sums, others) in [
            (&mut self.taxes, &other.taxes),
            (&mut self.items, &other.items),
        ] {
            for (name, sum) in others {
                *sums.entry(name.clone()).or_default() += sum;
            }
        }
        self.on_lines += other.on_lines;
        self.net += other.net;
    }

    /// Whether refunds that came to this took back exactly what a sale came to. A line that takes tax back does not name it.
    pub(crate) fn is_mirror_of(&self, sale: &Self, united_states: bool) -> bool {
        let taxes = match self.on_lines {
            0 => some(&self.taxes) == some(&sale.taxes),
            _ => self.taxes.values().sum::<i64>() == sale.taxes.values().sum::<i64>(),
        };
        // In the United States, tax that is left when all its lines have gone back has nothing it could stand on.
        let alone = self.on_lines - sale.on_lines;
        taxes
            && (alone == 0 || (united_states && alone > 0))
            && some(&self.items) == some(&sale.items)
            && self.net == sale.net
    }
}

/// The sums that are not nothing.
fn some(sums: &Sums) -> Sums {
    let some = sums.iter().filter(|(_, sum)| **sum != 0);
    some.map(|(name, sum)| (name.clone(), *sum)).collect()
}

/// All payments together are the whole basket.
fn whole(shop: &Shop, basket: &Basket, books: &Books) -> Result<(), String> {
    let by_us = some(&basket.taxes);
    let by_them = some(&books.taxes);
    let same = match shop.keeps_rates {
        true => by_us == by_them,
        false => by_us.values().sum::<i64>() == by_them.values().sum::<i64>(),
    };
    if !same {
        return Err(format!("taxes {by_us:?} became {by_them:?}"));
    }
    if basket.net != books.net {
        return Err(format!("{} without tax became {}", basket.net, books.net));
    }
    if !basket.discounted && some(&basket.items) != some(&books.items) {
        return Err(format!("{:?} became {:?}", basket.items, books.items));
    }
    Ok(())
}
