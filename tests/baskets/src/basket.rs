//! Made-up baskets, and the payments they are paid by.

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::lines::{MadeLine, Rounding, discount, include, sold, tax};
use crate::shop::{Shop, Sums};

/// What a customer buys, and what it comes to by our own count.
#[derive(Clone, Debug)]
pub struct Basket {
    /// What it was made up of, and its refunds are.
    pub number: u64,
    /// The payments, in the order they arrive.
    pub parts: Vec<Part>,
    /// Tax charged by QuickBooks' rate, in minor units; by tax where the shop writes tax as lines.
    pub taxes: Sums,
    /// What the lines come to without tax, in minor units.
    pub net: i64,
    /// What each item's lines come to without tax, in minor units; empty where a discount moves them.
    pub items: Sums,
    /// Whether it has a discount.
    pub discounted: bool,
    /// Whether prices include tax.
    pub inclusive: bool,
}

/// One payment.
#[derive(Clone, Debug)]
pub struct Part {
    /// The message.
    pub message: String,
    /// What is paid, in minor units.
    pub amount: i64,
}

/// Makes up the basket of a number: the same for the same number and shop.
#[must_use]
pub fn basket(shop: &Shop, number: u64) -> Basket {
    let mut chance = Chance::new(number);
    loop {
        let (lines, inclusive) = made(&mut chance, shop);
        let cost: i64 = lines.iter().map(MadeLine::cost).sum();
        let nothing = lines.iter().all(|line| line.net == 0);
        let covered = lines
            .iter()
            .any(|line| ["deposit_applied", "gift_card_redeemed"].contains(&line.kind));
        if cost < 0 || nothing || (cost == 0 && !covered) {
            continue;
        }
        return paid(&mut chance, shop, number, &lines, inclusive);
    }
}

fn made(chance: &mut Chance, shop: &Shop) -> (Vec<MadeLine>, bool) {
    match chance.between(1, 40) {
        1 => {
            return (
                vec![MadeLine::new("deposit", chance.between(100, 90_000))],
                false,
            );
        }
        2 => {
            return (
                vec![MadeLine::new("gift_card", chance.between(100, 90_000))],
                false,
            );
        }
        3 => {
            let mut kept = MadeLine::new("deposit_forfeited", chance.between(100, 90_000));
            kept.set = Some(0);
            let mut lines = vec![kept];
            tax(chance, shop, &mut lines, Rounding::Line);
            let taken = lines[0].cost();
            lines.push(MadeLine::new("deposit_applied", -taken));
            return (lines, false);
        }
        _ => {}
    }
    let inclusive = shop.inclusive && chance.percent(25);
    let mut lines = sold(chance, shop);
    if inclusive {
        include(shop, &mut lines);
    } else {
        let rounding = *chance.one_of(&[
            Rounding::Line,
            Rounding::Line,
            Rounding::Line,
            Rounding::Total,
            Rounding::Down,
            Rounding::Off,
        ]);
        tax(chance, shop, &mut lines, rounding);
    }
    if chance.percent(30) {
        lines.extend(discount(chance, shop, &lines));
    }
    let cost: i64 = lines.iter().map(MadeLine::cost).sum();
    if cost > 0 && chance.percent(20) {
        let used = if chance.percent(20) {
            cost
        } else {
            chance.between(1, cost)
        };
        let kind: &&str = chance.one_of(&["gift_card_redeemed", "deposit_applied"]);
        lines.push(MadeLine::new(kind, -used));
    }
    if chance.percent(10) {
        lines.push(MadeLine::new("rounding", chance.between(-4, 4)));
    }
    if chance.percent(5) {
        lines.push(MadeLine::new("gift_card", chance.between(100, 20_000)));
    }
    (lines, inclusive)
}

fn paid(
    chance: &mut Chance,
    shop: &Shop,
    number: u64,
    lines: &[MadeLine],
    inclusive: bool,
) -> Basket {
    let cost: i64 = lines.iter().map(MadeLine::cost).sum();
    let deposit = lines.iter().any(|line| line.kind.starts_with("deposit"));
    let mut cuts = vec![0, cost];
    let in_parts = !deposit && cost > 0 && chance.percent(35);
    if in_parts {
        for _ in 0..chance.between(1, 4) {
            let most = if chance.percent(10) {
                cost.min(3)
            } else {
                cost
            };
            cuts.push(chance.between(0, most));
        }
        cuts.sort_unstable();
        cuts.dedup();
    }
    let json_lines: Vec<Value> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| line.json(at, shop, inclusive))
        .collect();
    let mut parts: Vec<Part> = cuts
        .windows(2)
        .enumerate()
        .map(|(at, cut)| Part {
            message: message(
                shop,
                number,
                at,
                &json_lines,
                (in_parts.then_some(cut[0]), cut[1] - cut[0]),
                inclusive,
            ),
            amount: (cut[1] - cut[0]) * shop.grain,
        })
        .collect();
    if parts.is_empty() {
        let message = message(shop, number, 0, &json_lines, (None, 0), inclusive);
        parts.push(Part { message, amount: 0 });
    }
    // They arrive in any order.
    chance.shuffle(&mut parts);
    let discounted = lines.iter().any(|line| line.kind == "discount");
    let mut basket = Basket {
        number,
        parts,
        taxes: Sums::new(),
        net: 0,
        items: Sums::new(),
        discounted,
        inclusive,
    };
    for line in lines {
        basket.net += line.net * shop.grain;
        if !discounted {
            *basket.items.entry(item(line.kind).to_owned()).or_default() += line.net * shop.grain;
        }
        for ((id, _, rate), amount) in line
            .set
            .map_or(&[][..], |set| shop.sets[set])
            .iter()
            .zip(&line.taxes)
        {
            let name = if shop.tax_lines { id } else { rate };
            *basket.taxes.entry((*name).to_owned()).or_default() += amount * shop.grain;
        }
    }
    basket
}

/// The item a kind of line is booked to in every shop.
fn item(kind: &str) -> &'static str {
    match kind {
        "product" => "22",
        "fee" => "23",
        "tip" => "25",
        "rounding" => "26",
        "gift_card" | "gift_card_redeemed" => "27",
        "deposit" | "deposit_applied" => "28",
        _ => "21",
    }
}

fn message(
    shop: &Shop,
    number: u64,
    at: usize,
    lines: &[Value],
    (before, amount): (Option<i64>, i64),
    inclusive: bool,
) -> String {
    let mut payment = json!({
        "id": format!("pay_{number}_{at}"), "reference": format!("{number}-{at}"),
        "captured_at": "2026-11-22T09:03:11-05:00", "currency": shop.currency.0, "amount": shop.decimal(amount),
        "method": "card", "prices_include_tax": inclusive, "lines": lines
    });
    if let Some(before) = before {
        payment["paid_before"] = json!(shop.decimal(before));
    }
    if let Some(rate) = shop.currency.1 {
        payment["exchange_rate"] = json!(rate);
    }
    json!({"schema": 1, "type": "payment.captured", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z", "payment": payment})
        .to_string()
}

impl Shop {
    /// So many grains as a message writes them.
    pub(crate) fn decimal(&self, grains: i64) -> String {
        let decimals = if self.currency.0 == "JPY" { 0 } else { 2 };
        let one = 10_i64.pow(decimals);
        let sign = if grains < 0 { "-" } else { "" };
        let (whole, rest) = (grains.abs() / one, grains.abs() % one);
        match decimals {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{rest:02}"),
        }
    }
}
