//! Parts: what each line and each tax comes to in this payment, discounts taken off and instalments shared out.
//!
//! A discount is taken off the lines it applies to before anything is shared: what remains of each line, and each tax
//! summed over its lines, are the parts. How a discount is written is a choice of the operator that may change between
//! two instalments, and must not move a cent.

use crate::ids::TaxId;
use crate::money::{Amount, Currency, MoneyError};
use crate::reason::{Reason, ReasonCode};
use crate::shares::{apportion, shares};
use crate::transaction::{Line, LineKind, Payment};

/// What a payment covers of its lines and taxes.
pub(super) struct Parts<'a> {
    /// One for each line of the message, in its order.
    pub lines: Vec<LinePart>,
    /// One for each tax, in order of first appearance.
    pub taxes: Vec<TaxPart<'a>>,
}

/// What a payment covers of one line.
pub(super) struct LinePart {
    /// Net of its taxes and of the discounts taken off it.
    pub net: Amount,
    /// The discounts taken off: which line of the message, how much.
    pub taken: Vec<(usize, Amount)>,
    /// Whether it is a discount that was taken off other lines, and so is nothing by itself.
    pub is_taken_off: bool,
}

/// What a payment covers of one tax.
pub(super) struct TaxPart<'a> {
    /// Which tax.
    pub id: &'a TaxId,
    /// Its name, as the first line that carries it has it.
    pub name: &'a str,
    /// What this payment covers of it.
    pub amount: Amount,
    /// Which line carries how much of the whole, in grains.
    charges: Vec<(usize, i64)>,
    before: i64,
    /// Whether the whole is covered with this payment.
    closes: bool,
    grain: i64,
}

impl TaxPart<'_> {
    /// The amount by what each line's part of the tax belongs to, in order of first appearance.
    pub fn split<K: PartialEq>(
        &self,
        belongs: impl Fn(usize) -> Result<K, Reason>,
    ) -> Result<Vec<(K, Amount)>, Reason> {
        let mut keys: Vec<K> = Vec::new();
        let mut wholes: Vec<i64> = Vec::new();
        for (line, whole) in &self.charges {
            let key = belongs(*line)?;
            match keys.iter().position(|other| *other == key) {
                Some(at) => wholes[at] += whole,
                None => {
                    keys.push(key);
                    wholes.push(*whole);
                }
            }
        }
        let currency = self.amount.currency();
        let now = self.amount.minor() / self.grain;
        let sum: i128 = wholes.iter().copied().map(i128::from).sum();
        let parts = match wholes.as_slice() {
            [_] => vec![now],
            several if sum == 0 && !self.closes => vec![0; several.len()],
            // A tax given back as a whole (on a discount alone) is shared as what it would be charged.
            several if sum < 0 => {
                let turned: Vec<i64> = several.iter().map(|part| -part).collect();
                let parts =
                    shares(&turned, -self.before, -now).map_err(|_| figures(self.amount))?;
                parts.into_iter().map(|part| -part).collect()
            }
            several => shares(several, self.before, now).map_err(|_| figures(self.amount))?,
        };
        let amounts = parts
            .into_iter()
            .map(|part| Amount::from_minor(part * self.grain, currency));
        Ok(keys.into_iter().zip(amounts).collect())
    }
}

/// Works out what a payment covers.
///
/// All is counted in grains: the smallest amount of the currency that QuickBooks can hold.
pub(super) fn cover(payment: &Payment) -> Result<Parts<'_>, Reason> {
    let grain = payment.currency.grain();
    let mut nets = Vec::with_capacity(payment.lines.len());
    for line in &payment.lines {
        nets.push(in_grains(net(payment, line)?)?);
    }
    let off = take_off(&payment.lines, nets)?;
    let taxes = taxes(&payment.lines)?;
    let parts: Vec<i64> = off
        .nets
        .iter()
        .copied()
        .chain(taxes.iter().map(|tax| tax.whole))
        .collect();
    let paid = match payment.paid_before {
        Some(before) => Some(
            Paid::of(&parts, in_grains(before)?, in_grains(payment.amount)?)
                .map_err(|_| figures(payment.amount))?,
        ),
        None => None,
    };
    let count = payment.lines.len();
    let lines = (0..count)
        .map(|at| off.part(at, paid.as_ref(), payment.currency, grain))
        .collect::<Result<Vec<LinePart>, MoneyError>>()
        .map_err(|_| figures(payment.amount))?;
    let taxes = taxes
        .into_iter()
        .enumerate()
        .map(|(at, sum)| {
            let (before, now) = match &paid {
                Some(paid) => (paid.before[count + at], paid.now[count + at]),
                None => (0, sum.whole),
            };
            TaxPart {
                id: sum.id,
                name: sum.name,
                amount: Amount::from_minor(now * grain, payment.currency),
                charges: sum.charges,
                before,
                closes: paid.as_ref().is_none_or(|paid| paid.closed.1),
                grain,
            }
        })
        .collect();
    Ok(Parts { lines, taxes })
}

/// What is covered of each part before a payment and by it, in grains.
struct Paid {
    before: Vec<i64>,
    now: Vec<i64>,
    /// Whether all was covered before, and is covered after.
    closed: (bool, bool),
}

impl Paid {
    fn of(parts: &[i64], before: i64, now: i64) -> Result<Self, MoneyError> {
        let total: i128 = parts.iter().copied().map(i128::from).sum();
        let (sum, nothing) = (i128::from(before) + i128::from(now), before == 0);
        let then = match before {
            0 => vec![0; parts.len()],
            before => shares(parts, 0, before)?,
        };
        Ok(Self {
            before: then,
            now: shares(parts, before, now)?,
            closed: (!nothing && i128::from(before) == total, sum == total),
        })
    }
}

/// The nets after discounts, and what was taken off where; in grains.
struct TakenOff {
    nets: Vec<i64>,
    taken: Vec<Vec<(usize, i64)>>,
    is_taken_off: Vec<bool>,
}

impl TakenOff {
    /// What a payment covers of the line at `at`.
    fn part(
        &self,
        at: usize,
        paid: Option<&Paid>,
        currency: Currency,
        grain: i64,
    ) -> Result<LinePart, MoneyError> {
        let amount = |grains: i64| Amount::from_minor(grains * grain, currency);
        let taken = &self.taken[at];
        let (net, off) = match paid {
            None => (self.nets[at], taken.iter().map(|(_, off)| *off).collect()),
            Some(paid) => {
                let (before, now) = (paid.before[at], paid.now[at]);
                let then = self.off(at, before, paid.closed.0);
                let later = self.off(at, before + now, paid.closed.1);
                let portions: Vec<i64> = taken.iter().map(|(_, off)| *off).collect();
                (now, shares(&portions, then, later - then)?)
            }
        };
        Ok(LinePart {
            net: amount(net),
            taken: taken
                .iter()
                .zip(off)
                .map(|((discount, _), off): (_, i64)| (*discount, amount(off)))
                .collect(),
            is_taken_off: self.is_taken_off[at],
        })
    }

    /// How much of the discounts on a line is given once `covered` of what remains of it is paid: in proportion, and
    /// all of it when the whole is closed. As the full price is never less than what remains, it only grows.
    fn off(&self, at: usize, covered: i64, closed: bool) -> i64 {
        let remains = i128::from(self.nets[at]);
        let off: i64 = self.taken[at].iter().map(|(_, off)| off).sum();
        if closed || off == 0 {
            return off;
        }
        if remains == 0 {
            return 0;
        }
        let given = (2 * i128::from(off) * i128::from(covered) + remains) / (2 * remains);
        i64::try_from(given).unwrap_or(off)
    }
}

/// Takes each discount off the lines it applies to, by weight of what remains of them, in message order.
///
/// A discount greater than what remains of its lines is left to stand by itself.
fn take_off(lines: &[Line], mut nets: Vec<i64>) -> Result<TakenOff, Reason> {
    let mut taken = vec![Vec::new(); lines.len()];
    let mut is_taken_off = vec![false; lines.len()];
    for (at, line) in lines.iter().enumerate() {
        if line.kind != LineKind::Discount || nets[at] >= 0 {
            continue;
        }
        let targets = targets(lines, line);
        let weights: Vec<u64> = nets
            .iter()
            .zip(&targets)
            .map(|(net, target)| {
                if *target {
                    u64::try_from(*net).unwrap_or(0)
                } else {
                    0
                }
            })
            .collect();
        let Ok(portions) = apportion(&weights, nets[at].unsigned_abs()) else {
            continue;
        };
        for (target, portion) in portions
            .into_iter()
            .enumerate()
            .filter(|(_, portion)| *portion > 0)
        {
            let portion = i64::try_from(portion).map_err(|_| figures(line.amount))?;
            nets[target] -= portion;
            taken[target].push((at, portion));
        }
        nets[at] = 0;
        is_taken_off[at] = true;
    }
    Ok(TakenOff {
        nets,
        taken,
        is_taken_off,
    })
}

/// The lines a discount is taken off: those it names, else all taxable ones, else all that are sold.
pub(super) fn targets(lines: &[Line], discount: &Line) -> Vec<bool> {
    let sold = |line: &Line| {
        matches!(
            line.kind,
            LineKind::Service | LineKind::Product | LineKind::Fee
        )
    };
    let taxable = |line: &Line| !line.kind.is_negative() && !line.taxes.is_empty();
    let applies: Vec<bool> = if !discount.applies_to.is_empty() {
        lines
            .iter()
            .map(|line| discount.applies_to.contains(&line.id))
            .collect()
    } else if lines.iter().any(taxable) {
        lines.iter().map(taxable).collect()
    } else {
        lines.iter().map(sold).collect()
    };
    applies
}

/// One tax summed over its lines, in grains.
struct TaxSum<'a> {
    id: &'a TaxId,
    name: &'a str,
    charges: Vec<(usize, i64)>,
    whole: i64,
}

fn taxes(lines: &[Line]) -> Result<Vec<TaxSum<'_>>, Reason> {
    let mut sums: Vec<TaxSum<'_>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        for tax in &line.taxes {
            let charge = in_grains(tax.amount)?;
            match sums.iter_mut().find(|sum| *sum.id == tax.id) {
                Some(sum) => {
                    sum.charges.push((at, charge));
                    sum.whole = sum
                        .whole
                        .checked_add(charge)
                        .ok_or_else(|| figures(tax.amount))?;
                }
                None => sums.push(TaxSum {
                    id: &tax.id,
                    name: &tax.name,
                    charges: vec![(at, charge)],
                    whole: charge,
                }),
            }
        }
    }
    Ok(sums)
}

/// What a line costs without its taxes.
fn net(payment: &Payment, line: &Line) -> Result<Amount, Reason> {
    if !payment.prices_include_tax {
        return Ok(line.amount);
    }
    let taxes = Amount::sum(payment.currency, line.taxes.iter().map(|tax| tax.amount));
    taxes
        .and_then(|taxes| line.amount.checked_sub(taxes))
        .map_err(|_| figures(payment.amount))
}

fn in_grains(amount: Amount) -> Result<i64, Reason> {
    let grain = amount.currency().grain();
    if amount.minor() % grain != 0 {
        return Err(Reason::new(ReasonCode::NotRepresentable).with("amount", amount));
    }
    Ok(amount.minor() / grain)
}

fn figures(amount: Amount) -> Reason {
    Reason::new(ReasonCode::FiguresDisagree)
        .with("captured", amount)
        .with("lines", "too large")
}
