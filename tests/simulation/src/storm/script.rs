//! The script of a storm: what is sent, and what goes wrong when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use simulator::{Trouble, TroubleKind};

use crate::fate::Fate;
use crate::faults::{Fault, Happened};
use crate::payments::{amount, payment, refund};
use crate::town::MERCHANT;

mod more;

/// What goes wrong at QuickBooks, by name in the simulator.
pub const TROUBLES: [TroubleKind; 18] = [
    TroubleKind::LoseAnswer,
    TroubleKind::TimeoutWithoutCommit,
    TroubleKind::CommitLate,
    TroubleKind::OkWithFault,
    TroubleKind::OkNothingDone,
    TroubleKind::Throttle,
    TroubleKind::Down,
    TroubleKind::Fail500,
    TroubleKind::CommitThen500,
    TroubleKind::Truncate,
    TroubleKind::Html200,
    TroubleKind::Delay,
    TroubleKind::TokenExpired,
    TroubleKind::WrongTotal,
    TroubleKind::ReadOnly,
    TroubleKind::Maintenance,
    TroubleKind::AdminLost,
    TroubleKind::Revoke,
];

/// Where it goes wrong.
const OPERATIONS: [&str; 6] = [
    "salesreceipt.create",
    "salesreceipt.create",
    "refundreceipt.create",
    "customer.create",
    "*.query",
    "oauth.refresh",
];

/// The payment whose message cannot be read.
pub const UNREADABLE: &str = "pay_broken";

/// Over how long messages are sent and things go wrong.
const LASTS: u64 = 1800;

/// A transaction that was sent, and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its mark in the note of a receipt: `mio:payment/pay_7`.
    pub mark: String,
    /// Cents.
    pub cents: u64,
    /// What another message about it said it comes to. The first stands, and a dead letter is not the first any more.
    pub or_cents: Option<u64>,
}

/// Something that happens.
pub enum Event {
    /// MioCommerce sends a message.
    Message {
        /// Whose: the group.
        merchant: usize,
        /// The message.
        body: String,
    },
    /// Something goes wrong at QuickBooks.
    Trouble(Box<Trouble>),
    /// The operator reconnects a merchant's company.
    Reconnect(usize),
    /// The operator connects another company in the place of a merchant's.
    Elsewhere(usize),
    /// The operator connects a merchant's own company again.
    Home(usize),
    /// Somebody types a number into the record of a customer.
    Typed(usize, u64),
    /// Somebody makes the record of a customer inactive.
    Gone(usize, u64),
    /// New processes take the place of those that are warm.
    Deployed,
    /// The calls of other companies' processes fail, and they write that down.
    OthersFail,
    /// Whether nobody can read or write what is known of QuickBooks being down for everyone.
    BreakerIsLost(bool),
}

/// The whole script.
pub struct Script {
    /// What happens, in order.
    pub events: Vec<(Duration, Event)>,
    /// What every merchant's books must hold at the end.
    pub sent: Vec<BTreeMap<String, Sent>>,
    /// Which troubles it holds.
    pub troubles: Vec<TroubleKind>,
    /// Whether nothing goes wrong in it.
    pub is_fair: bool,
    /// When the last thing happens.
    pub lasted: Duration,
    /// How many customers each merchant has.
    pub customers: Vec<u64>,
    /// Which merchants are sent something that cannot be read.
    pub unreadable: Vec<bool>,
    /// The merchants whose customers' profiles change.
    pub changes: BTreeSet<usize>,
    /// The newest version of each profile that must stand at the end, by merchant and customer.
    pub newest: BTreeMap<(usize, u64), u64>,
    /// The payment of each merchant whose number is somebody else's.
    pub foreign: BTreeMap<usize, String>,
}

/// What the companies of storms begin with.
pub const REALMS: &str = "93414500000100";

/// The merchant with this number.
pub fn merchant(number: usize) -> String {
    format!("{MERCHANT}_{number}")
}

/// The company of the merchant with this number.
pub fn realm(number: usize) -> String {
    format!("{REALMS}{number:02}")
}

/// The company that is connected in the place of that merchant's own.
pub fn elsewhere(number: usize) -> String {
    realm(50 + number)
}

impl Script {
    /// The script of a fate, for so many merchants.
    pub fn write(fate: &Fate, merchants: usize) -> Self {
        let mut script = Self {
            events: Vec::new(),
            sent: vec![BTreeMap::new(); merchants],
            troubles: Vec::new(),
            is_fair: false,
            lasted: Duration::ZERO,
            customers: vec![0; merchants],
            unreadable: vec![false; merchants],
            changes: BTreeSet::new(),
            newest: BTreeMap::new(),
            foreign: BTreeMap::new(),
        };
        for number in 0..merchants {
            script.day_of(number, fate);
        }
        // A storm has a few kinds of trouble, so that each is met alone and with others.
        for _ in 0..fate.below(4) {
            let kind = TROUBLES[index(fate, TROUBLES.len())];
            for _ in 0..=fate.below(3) {
                script.trouble(kind, fate, merchants);
            }
            script.troubles.push(kind);
        }
        script.events.sort_by_key(|(at, _)| *at);
        script
    }

    /// A merchant's payments and refunds, some of them more than once, some changed on the way.
    fn day_of(&mut self, number: usize, fate: &Fate) {
        let customers = 1 + fate.below(3);
        self.customers[number] = customers;
        let whose = merchant(number);
        let name = |body: String| body.replace(MERCHANT, &whose);
        for count in 1..=2 + fate.below(4) {
            let id = 100 * (number as u64 + 1) + count;
            let at = Duration::from_millis(fate.below(LASTS * 1000));
            self.message(number, at, name(payment(id, customers)));
            self.expect(number, "payment", &format!("pay_{id}"), amount(id));
            if fate.below(4) == 0 {
                let later = at + Duration::from_secs(fate.below(LASTS));
                self.message(number, later, name(payment(id, customers)));
            }
            if fate.below(12) == 0 {
                // The same payment with other figures: the first stands.
                let other = id + 50;
                let changed = payment(other, 1)
                    .replace(&format!("pay_{other}"), &format!("pay_{id}"))
                    .replace(&(100_000 + other).to_string(), &(100_000 + id).to_string());
                let later = at + Duration::from_secs(1 + fate.below(LASTS));
                self.message(number, later, name(changed));
                let sent = self.sent[number].get_mut(&format!("pay_{id}"));
                sent.expect("just sent").or_cents = Some(amount(other));
                continue;
            }
            self.refunds_of(number, id, at, customers, fate);
        }
        if fate.below(10) == 0 {
            let at = Duration::from_secs(fate.below(LASTS));
            let broken = payment(1, 1).replace("\"amount\"", "\"amuont\"");
            self.message(number, at, name(broken).replace("pay_1", UNREADABLE));
            self.unreadable[number] = true;
        }
    }

    fn refunds_of(&mut self, number: usize, id: u64, paid: Duration, customers: u64, fate: &Fate) {
        let whose = merchant(number);
        let mut left = amount(id);
        for part in 0..fate.below(4).saturating_sub(1) {
            let taken = match fate.below(3) {
                0 => left,
                _ => 1 + fate.below(left),
            };
            left -= taken;
            let refund_id = id * 10 + part;
            // Now and then before its payment.
            let at = match fate.below(5) {
                0 => paid.saturating_sub(Duration::from_secs(fate.below(600))),
                _ => paid + Duration::from_millis(fate.below(LASTS * 1000)),
            };
            let body = refund(refund_id, id, taken, customers).replace(MERCHANT, &whose);
            self.message(number, at, body);
            self.expect(number, "refund", &format!("ref_{refund_id}"), taken);
            if left == 0 {
                break;
            }
        }
    }

    fn message(&mut self, merchant: usize, at: Duration, body: String) {
        self.events.push((at, Event::Message { merchant, body }));
    }

    fn expect(&mut self, merchant: usize, kind: &str, id: &str, cents: u64) {
        let mark = format!("mio:{kind}/{id}");
        self.sent[merchant].insert(
            id.to_owned(),
            Sent {
                mark,
                cents,
                or_cents: None,
            },
        );
    }

    fn trouble(&mut self, kind: TroubleKind, fate: &Fate, merchants: usize) {
        let number = index(fate, merchants);
        let at = Duration::from_millis(fate.below(LASTS * 1000));
        let mut trouble = Trouble::new(kind).at(&realm(number));
        trouble.skip = u32::try_from(fate.below(4)).expect("small");
        let lasts = matches!(
            kind,
            TroubleKind::ReadOnly
                | TroubleKind::Maintenance
                | TroubleKind::AdminLost
                | TroubleKind::Revoke
        );
        if !lasts {
            trouble = trouble
                .on(OPERATIONS[index(fate, OPERATIONS.len())])
                .times(1 + u32::try_from(fate.below(6)).expect("small"));
        }
        match kind {
            TroubleKind::CommitLate => {
                // Intuit cuts requests off after 120 s.
                trouble = trouble.seconds(1 + fate.below(119));
                trouble.answer_after = 1 + fate.below(60);
            }
            TroubleKind::WrongTotal => {
                // Once at each creation: writing it again mends it.
                trouble = trouble.on("salesreceipt.create").times(1);
                trouble.cents = [-2, -1, 1, 2, 3][index(fate, 5)];
            }
            _ => trouble = trouble.seconds(1 + fate.below(60)),
        }
        self.events.push((at, Event::Trouble(Box::new(trouble))));
        if matches!(kind, TroubleKind::AdminLost | TroubleKind::Revoke) {
            let later = at + Duration::from_secs(60 + fate.below(3 * 3600));
            self.events.push((later, Event::Reconnect(number)));
        }
    }
}

impl Script {
    /// Notes what its order of messages is.
    pub fn count(&self, happened: &Happened) {
        let mut paid: Vec<&str> = Vec::new();
        let mut seen: BTreeMap<(usize, &str), &str> = BTreeMap::new();
        let mut first: BTreeMap<(usize, &str), Duration> = BTreeMap::new();
        for (at, event) in &self.events {
            let Event::Message { merchant, body } = event else {
                continue;
            };
            let of = |name| field(body, name).unwrap_or_default();
            match of("type") {
                "payment.captured" => {
                    let customer = (*merchant, customer(body));
                    if first.get(&customer) == Some(at) && !paid.contains(&of("id")) {
                        happened.note(Fault::FirstTogether);
                    }
                    first.entry(customer).or_insert(*at);
                    paid.push(of("id"));
                }
                "payment.refunded" if !paid.contains(&of("payment_id")) => {
                    happened.note(Fault::RefundFirst);
                }
                "customer.updated" => {
                    let version = of("phone");
                    let before = seen.insert((*merchant, of("id")), version);
                    if before.is_some_and(|before| before > version) {
                        happened.note(Fault::OlderLater);
                    }
                }
                _ => {}
            }
        }
    }
}

/// A text of this name in a message, the first there is.
fn field<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let rest = body.split_once(&format!("\"{name}\":\""))?.1;
    rest.split('"').next()
}

/// The id of the customer in a message of money that moved.
fn customer(body: &str) -> &str {
    let (_, rest) = body.split_once("\"customer\":").unwrap_or_default();
    field(rest, "id").unwrap_or_default()
}

fn index(fate: &Fate, below: usize) -> usize {
    usize::try_from(fate.below(below as u64)).expect("small")
}
