//! The lines of a made-up basket, with what each costs and is taxed, in grains: the smallest amounts QuickBooks holds.

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::shop::Shop;

/// How MioCommerce is made to round tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// Half up on each line.
    Line,
    /// Half up on the sum of all lines, shared out.
    Total,
    /// Down on each line.
    Down,
    /// Half up, and then off by up to three, as after a change of price.
    Off,
}

/// One made-up line.
#[derive(Clone, Debug)]
pub(crate) struct MadeLine {
    pub kind: &'static str,
    /// Net of taxes.
    pub net: i64,
    /// Which set of the shop's taxes it carries.
    pub set: Option<usize>,
    /// By tax of the set.
    pub taxes: Vec<i64>,
    pub treatment: Option<&'static str>,
    pub applies_to: Vec<usize>,
    /// (quantity, price, discount), where they make the amount.
    pub priced: Option<(i64, i64, i64)>,
}

impl MadeLine {
    pub fn new(kind: &'static str, net: i64) -> Self {
        Self {
            kind,
            net,
            set: None,
            taxes: Vec::new(),
            treatment: None,
            applies_to: Vec::new(),
            priced: None,
        }
    }

    /// Net and taxes.
    pub fn cost(&self) -> i64 {
        self.net + self.taxes.iter().sum::<i64>()
    }

    /// The line of a message.
    pub fn json(&self, at: usize, shop: &Shop, inclusive: bool) -> Value {
        let text = |grains: i64| shop.decimal(grains);
        let amount = if inclusive { self.cost() } else { self.net };
        let set = self.set.map_or(&[][..], |set| shop.sets[set]);
        let taxes: Vec<Value> = set
            .iter()
            .zip(&self.taxes)
            .map(|((id, rate, _), amount)| json!({"id": id, "name": id, "rate": percent(*rate), "amount": text(*amount)}))
            .collect();
        let mut line = json!({"id": at.to_string(), "kind": self.kind, "amount": text(amount), "taxes": taxes});
        if let Some(treatment) = self.treatment {
            line["tax_treatment"] = json!(treatment);
        }
        if !self.applies_to.is_empty() {
            line["applies_to"] = self
                .applies_to
                .iter()
                .map(|target| json!(target.to_string()))
                .collect();
        }
        if let (Some((quantity, price, discount)), false) = (self.priced, inclusive) {
            line["quantity"] = json!(quantity.to_string());
            line["unit_price"] = json!(text(price));
            line["discount"] = json!(text(discount));
        }
        line
    }
}

/// Sold lines: services, products, fees, tips, with or without taxes.
pub(crate) fn sold(chance: &mut Chance, shop: &Shop) -> Vec<MadeLine> {
    let count = match chance.between(1, 20) {
        20 => chance.between(9, 30),
        few => few.min(8) % 8 + 1,
    };
    (0..count)
        .map(|_| {
            let kind = *chance.one_of(&[
                "service", "service", "service", "product", "product", "fee", "tip",
            ]);
            let net = match chance.between(1, 12) {
                1 => chance.between(0, 9),
                2 => chance.between(100_000, 900_000),
                3 => 449_516,
                _ => chance.between(50, 40_000),
            };
            let mut line = MadeLine::new(kind, net);
            if chance.percent(25) {
                let (quantity, price) = (chance.between(1, 9), chance.between(1, 9_000));
                let discount = if chance.percent(30) {
                    chance.between(0, price)
                } else {
                    0
                };
                line.net = quantity * price - discount;
                line.priced = Some((quantity, price, discount));
            }
            if chance.percent(if kind == "tip" { 15 } else { 85 }) {
                let first = chance.percent(75);
                let set = if first {
                    0
                } else {
                    chance.between(0, shop.sets.len() as i64 - 1)
                };
                line.set = Some(usize::try_from(set).expect("an index"));
            } else if chance.percent(50) {
                line.treatment = Some(*chance.one_of(&["exempt", "zero_rated", "out_of_scope"]));
            }
            line
        })
        .collect()
}

/// Works out the taxes of lines whose nets stand.
pub(crate) fn tax(chance: &mut Chance, shop: &Shop, lines: &mut [MadeLine], rounding: Rounding) {
    for set in 0..shop.sets.len() {
        let mut so_far = vec![(0, 0); shop.sets[set].len()];
        for line in lines.iter_mut().filter(|line| line.set == Some(set)) {
            line.taxes = shop.sets[set]
                .iter()
                .zip(&mut so_far)
                .map(|((_, rate, _), (base, charged))| match rounding {
                    Rounding::Line => half_up(line.net, *rate),
                    Rounding::Down => line.net * rate / 100_000,
                    Rounding::Off if line.net > 9 && *rate > 0 => {
                        (half_up(line.net, *rate) + chance.between(-3, 3)).max(0)
                    }
                    Rounding::Off => half_up(line.net, *rate),
                    Rounding::Total => {
                        *base += line.net;
                        let now = half_up(*base, *rate) - *charged;
                        *charged += now;
                        now
                    }
                })
                .collect();
        }
    }
}

/// Turns nets into what they would be inside prices with tax: the prices stay, the taxes come out of them.
pub(crate) fn include(shop: &Shop, lines: &mut [MadeLine]) {
    for line in lines {
        let Some(set) = line.set else { continue };
        let rates: i64 = shop.sets[set].iter().map(|(_, rate, _)| rate).sum();
        let gross = line.net;
        line.taxes = shop.sets[set]
            .iter()
            .map(|(_, rate, _)| (2 * gross * rate + 100_000 + rates) / (2 * (100_000 + rates)))
            .collect();
        // On a price of a cent the rounded taxes may be more than the price; then it has none.
        if line.taxes.iter().sum::<i64>() > gross {
            line.taxes = vec![0; line.taxes.len()];
        }
        line.net = gross - line.taxes.iter().sum::<i64>();
        line.priced = None;
    }
}

/// A discount on some or all of the lines, with its own taxes where its lines have one set.
pub(crate) fn discount(chance: &mut Chance, shop: &Shop, lines: &[MadeLine]) -> Option<MadeLine> {
    let named = chance.percent(50);
    let taxable = lines.iter().any(|line| line.set.is_some());
    let targets: Vec<usize> = (0..lines.len())
        .filter(|at| {
            let line = &lines[*at];
            match (named, taxable) {
                (true, _) => line.kind != "tip",
                (false, true) => line.set.is_some(),
                (false, false) => line.kind != "tip",
            }
        })
        .collect();
    let targets: Vec<usize> = if named {
        targets.into_iter().take(2).collect()
    } else {
        targets
    };
    let most: i64 = targets.iter().map(|at| lines[*at].net).sum();
    if most == 0 {
        return None;
    }
    let off = if chance.percent(10) {
        most
    } else {
        chance.between(1, most)
    };
    let mut line = MadeLine::new("discount", -off);
    let set = lines[*targets.first()?].set;
    if let Some(set) = set.filter(|_| targets.iter().all(|at| lines[*at].set == set)) {
        line.set = Some(set);
        // Never more than was charged on the lines.
        line.taxes = (0..shop.sets[set].len())
            .map(|tax| {
                let charged: i64 = targets.iter().map(|at| lines[*at].taxes[tax]).sum();
                -half_up(off, shop.sets[set][tax].1).min(charged)
            })
            .collect();
    }
    if named {
        line.applies_to = targets;
    }
    Some(line)
}

fn half_up(net: i64, rate: i64) -> i64 {
    (2 * net * rate + 100_000) / 200_000
}

fn percent(thousandths: i64) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
