//! What the first storms did not have.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::{Trouble, TroubleKind};

use crate::fate::Fate;
use crate::payments::{change, with_its_payment};
use crate::town::MERCHANT;

use super::{Event, LASTS, Script, customer, index, merchant, realm};

/// Where receipts are created.
const CREATIONS: [&str; 2] = ["salesreceipt.create", "refundreceipt.create"];

impl Script {
    /// Adds what the first storms did not have. `is_firm` says that every company remembers each request id, and takes no
    /// number twice.
    ///
    /// The newest profile must stand where `newest_stands`: no process dies, and the index shows at once what is kept of a
    /// customer. What a death does to profiles is tried by `tests/overtaken.rs`.
    pub fn more(&mut self, fate: &Fate, is_firm: bool, newest_stands: bool) {
        self.is_fair = fate.below(16) == 0;
        if self.is_fair {
            return self.goes_well();
        }
        for number in 0..self.customers.len() {
            match fate.below(12) {
                0 => self.goes_elsewhere(number, fate),
                1 => self.loses_a_customer(number, fate),
                2 => self.shares_an_address(number),
                3 => self.finds_its_number_taken(number, fate),
                4 => self.closes_its_books(number, fate),
                5..8 => self.changes_profiles(number, fate, newest_stands),
                _ => {}
            }
            if fate.below(4) == 0 {
                self.pays_twice_at_once(number);
            }
        }
        for _ in 0..fate.below(4) {
            self.other_trouble(fate, is_firm);
        }
        for _ in 0..fate.below(3) {
            let at = Duration::from_secs(fate.below(LASTS));
            self.events.push((at, Event::Deployed));
        }
        self.events.sort_by_key(|(at, _)| *at);
    }

    /// Lets QuickBooks be down for everyone from just before a message on, as all other companies' processes see it too; and
    /// now and then nobody can read what they say.
    pub fn outage(&mut self, fate: &Fate) {
        if self.is_fair || self.events.is_empty() {
            return;
        }
        let (sent, _) = &self.events[index(fate, self.events.len())];
        let at = sent.saturating_sub(Duration::from_secs(1));
        let lasts = 60 + fate.below(600);
        for number in 0..self.customers.len() {
            let mut down = Trouble::new(TroubleKind::Down).at(&realm(number));
            down.for_seconds = Some(lasts);
            self.events.push((at, Event::Trouble(Box::new(down))));
        }
        for count in 0..6 {
            let later = at + Duration::from_secs(10 * count);
            self.events.push((later, Event::OthersFail));
        }
        if fate.below(4) == 0 {
            let from = at + Duration::from_secs(fate.below(lasts));
            let until = from + Duration::from_secs(1 + fate.below(600));
            self.events.push((from, Event::BreakerIsLost(true)));
            self.events.push((until, Event::BreakerIsLost(false)));
        }
        self.events.sort_by_key(|(at, _)| *at);
    }

    /// Lets half of the refunds bring their payment along.
    pub fn brings_payments(&mut self, fate: &Fate) {
        for (_, event) in &mut self.events {
            let Event::Message { merchant, body } = event else {
                continue;
            };
            let of = body.split_once("\"payment_id\":\"pay_");
            let of = of.and_then(|(_, rest)| rest.split_once('"')?.0.parse().ok());
            if let Some(of) = of.filter(|_| fate.below(2) == 0) {
                *body = with_its_payment(body, of, self.customers[*merchant]);
            }
        }
    }

    /// Leaves the messages alone, in their order: every payment before its refunds.
    fn goes_well(&mut self) {
        self.troubles.clear();
        let is_message = |event: &Event| matches!(event, Event::Message { .. });
        self.events.retain(|(_, event)| is_message(event));
        let refunds = |(_, event): &(Duration, Event)| match event {
            Event::Message { body, .. } => body.contains("payment.refunded"),
            _ => false,
        };
        let late = Duration::from_secs(LASTS);
        for event in self.events.iter_mut().filter(|event| refunds(event)) {
            event.0 += late;
        }
        self.events.sort_by_key(|(at, _)| *at);
        self.lasted = self.events.last().map_or(Duration::ZERO, |(at, _)| *at);
    }

    /// The messages of a merchant of this type, with their times.
    fn messages<'a>(
        &'a mut self,
        number: usize,
        of: &'a str,
    ) -> impl Iterator<Item = (&'a mut Duration, &'a mut String)> {
        self.events.iter_mut().filter_map(move |(at, event)| {
            let Event::Message { merchant, body } = event else {
                return None;
            };
            (*merchant == number && body.contains(of)).then_some((at, body))
        })
    }

    /// When each customer of a merchant pays first.
    fn firsts(&mut self, number: usize) -> BTreeMap<u64, Duration> {
        let mut firsts: BTreeMap<u64, Duration> = BTreeMap::new();
        for (at, body) in self.messages(number, "payment.captured") {
            let id = customer(body).trim_start_matches("cus_").parse();
            let Ok(id) = id else { continue };
            let first = firsts.entry(id).or_insert(*at);
            *first = (*first).min(*at);
        }
        firsts
    }

    fn changes_profiles(&mut self, number: usize, fate: &Fate, newest_stands: bool) {
        self.changes.insert(number);
        for (customer, first) in self.firsts(number) {
            let newest = 2 + fate.below(3);
            for version in 2..=newest {
                for _ in 0..=fate.below(2) {
                    let at = first + Duration::from_secs(1 + fate.below(LASTS));
                    let body = change(customer, version).replace(MERCHANT, &merchant(number));
                    self.message(number, at, body);
                }
            }
            if newest_stands {
                self.newest.insert((number, customer), newest);
            }
            if fate.below(2) == 0 {
                let at = first + Duration::from_secs(60 + fate.below(LASTS));
                self.events.push((at, Event::Typed(number, customer)));
            }
        }
    }

    fn loses_a_customer(&mut self, number: usize, fate: &Fate) {
        let customer = fate.below(self.customers[number]);
        let at = Duration::from_secs(60 + fate.below(LASTS));
        self.events.push((at, Event::Gone(number, customer)));
    }

    /// Every customer of the merchant reads their mail at one address.
    fn shares_an_address(&mut self, number: usize) {
        for (_, body) in self.messages(number, "") {
            for customer in 1..3 {
                *body = body.replace(&format!("person{customer}@"), "person0@");
            }
        }
    }

    /// Two payments of one customer arrive at the same moment, by two of them where an address is shared.
    fn pays_twice_at_once(&mut self, number: usize) {
        let mut first = None;
        for (at, _) in self.messages(number, "payment.captured") {
            *at = *first.get_or_insert(*at);
        }
    }

    fn finds_its_number_taken(&mut self, number: usize, fate: &Fate) {
        // Its refunds would wait for it for ever.
        let is_refunded = |id: &str| {
            let refund = id.replace("pay_", "ref_");
            self.sent[number]
                .keys()
                .any(|other| other.starts_with(&refund))
        };
        let payments: Vec<String> = self.sent[number]
            .keys()
            .filter(|id| id.starts_with("pay_") && !is_refunded(id))
            .cloned()
            .collect();
        if payments.is_empty() {
            return;
        }
        let taken = payments[index(fate, payments.len())].clone();
        self.foreign.insert(number, taken);
    }

    fn closes_its_books(&mut self, number: usize, fate: &Fate) {
        let mut closes = Trouble::new(TroubleKind::ClosedBooks).at(&realm(number));
        closes.until = Some("2026-11-23".to_owned());
        closes.password = fate.below(2) == 0;
        let at = Duration::from_secs(fate.below(LASTS));
        self.events.push((at, Event::Trouble(Box::new(closes))));
    }

    /// Another company takes the place of the merchant's own for a while; such a merchant refunds nothing.
    fn goes_elsewhere(&mut self, number: usize, fate: &Fate) {
        let is_refund = |event: &Event| match event {
            Event::Message { merchant, body } => {
                *merchant == number && body.contains("payment.refunded")
            }
            _ => false,
        };
        self.events.retain(|(_, event)| !is_refund(event));
        self.sent[number].retain(|id, _| !id.starts_with("ref_"));
        let at = Duration::from_secs(fate.below(LASTS));
        self.events.push((at, Event::Elsewhere(number)));
        let later = at + Duration::from_secs(300 + fate.below(LASTS));
        self.events.push((later, Event::Home(number)));
    }

    fn other_trouble(&mut self, fate: &Fate, is_firm: bool) {
        let number = index(fate, self.customers.len());
        let at = Duration::from_millis(fate.below(LASTS * 1000));
        let times = 1 + u32::try_from(fate.below(4)).expect("small");
        let creation = CREATIONS[index(fate, 2)];
        let trouble = |kind| Trouble::new(kind).at(&realm(number));
        let created = |kind| trouble(kind).on(creation).times(times);
        let refreshed = |kind| trouble(kind).on("oauth.refresh").times(1);
        let mut is_left = false;
        let mut new = match fate.below(14) {
            0 => created(TroubleKind::Fail500),
            1 => created(TroubleKind::CommitThen500),
            2 | 3 => {
                is_left = true;
                created(TroubleKind::Fault)
            }
            4 => trouble(TroubleKind::WrongEcho).on(creation),
            5 => created(TroubleKind::CommitLate).seconds(400 + fate.below(200)),
            6 => trouble(TroubleKind::Fault).on("customer.create"),
            7 => refreshed(TroubleKind::InvalidGrant),
            8 => Trouble::new(TroubleKind::Down).on("oauth.refresh"),
            9 => refreshed(TroubleKind::LoseAnswer).seconds(5),
            10 => refreshed(TroubleKind::CommitThen500),
            11 => refreshed(TroubleKind::Fail500),
            12 => trouble(TroubleKind::TokenExpired).on(creation).times(8),
            _ => trouble(TroubleKind::Throttle).on(creation).times(8),
        };
        match (new.kind, new.operation.as_deref()) {
            (TroubleKind::Fail500 | TroubleKind::CommitThen500, Some(at))
                if at != "oauth.refresh" =>
            {
                new.status = Some(504);
            }
            (TroubleKind::Fault, Some("customer.create")) => {
                new.code = Some("6240".to_owned());
                new.detail = Some("The name supplied already exists. : null".to_owned());
            }
            (TroubleKind::Fault, _) => {
                let code = ["5020", "3100"][index(fate, 2)];
                (new.code, new.status) = (Some(code.to_owned()), Some(403));
            }
            (TroubleKind::WrongEcho, _) => new.cents = [-1, 1, 5][index(fate, 3)],
            (TroubleKind::CommitLate, _) if !is_firm => return,
            (TroubleKind::CommitLate, _) => new.answer_after = 1 + fate.below(60),
            (TroubleKind::Down, _) => new.for_seconds = Some(300 + fate.below(1200)),
            _ => {}
        }
        self.events.push((at, Event::Trouble(Box::new(new))));
        if is_left {
            let later = at + Duration::from_secs(60 + fate.below(3 * 3600));
            self.events.push((later, Event::Reconnect(number)));
        }
    }
}
