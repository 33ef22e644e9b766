//! Faults: every way things go wrong, by name, and how often each happened.
//!
//! The numbers are those of the fault matrix (`reference/reliability.md` section 7.2); 0 stands for what it does not name.

use std::cell::Cell;
use std::collections::BTreeSet;

use simulator::{Trouble, TroubleKind};

use crate::fate::Await;

macro_rules! faults {
    ($($number:literal $name:ident $text:literal,)*) => {
        /// A fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $(
                #[doc = $text]
                $name,
            )*
        }

        impl Fault {
            /// All there are, in the order of the matrix.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its number in the matrix; 0 where it is not in it.
            #[must_use]
            pub fn number(self) -> u8 {
                match self { $(Self::$name => $number,)* }
            }

            /// What happens.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

faults! {
    1 Duplicate "queue: a finished message is delivered again",
    2 DeadLetter "queue: given up after five deliveries, and redriven",
    2 DaysLater "queue: a finished message comes again 14 days later",
    3 Reordered "queue: groups are delivered in another order than sent",
    4 NotDeleted "queue: a finished batch is not deleted",
    5 VisibleMidRun "queue: a message is delivered again while its worker is at it",
    6 Burst "queue: a message is old when it is delivered; its merchant's go into the lot",
    7 ClaimBefore "store: a claim fails before it is carried out",
    8 ClaimAfter "store: a claim is carried out and not answered",
    8 ClaimRepeated "store: the client repeats a claim that was not answered",
    9 Throttled "store: throttled for seconds on end",
    10 CompleteBefore "store: a completion fails before it is carried out",
    11 CompleteAfter "store: a completion is carried out and not answered",
    12 ParkBefore "store: parking fails before it is carried out",
    12 ParkAfter "store: parking is carried out and not answered",
    13 ArmBefore "store: arming fails before it is carried out",
    13 ArmAfter "store: arming is carried out and not answered",
    14 IndexLags "store: a lot is listed while its index lags, by a minute at most",
    16 Refused "network: the connection is refused",
    17 Tls "network: the TLS handshake fails",
    18 Dns "network: the name is not resolved",
    19 AnswerLost "QuickBooks: done, and the answer is lost",
    20 RequestDropped "QuickBooks: not done, and never answered",
    21 CommitsLate "QuickBooks: done after we gave up, within 120 s",
    22 CommitsTooLate "QuickBooks: done after we looked, beyond its own cut-off",
    23 FailedUndone "QuickBooks: 500 or 503, not done",
    23 FailedDone "QuickBooks: 500, and done",
    24 GatewayUndone "QuickBooks: 504, not done",
    24 GatewayDone "QuickBooks: 504, and done",
    25 Truncated "QuickBooks: done, and the answer stops half-way",
    25 Html "QuickBooks: 200 with a web page",
    25 WrongEcho "QuickBooks: done rightly, and the answer says another total",
    25 WrongTotal "QuickBooks: done with another total",
    26 TooMany "QuickBooks: 429 without a time to wait",
    26 FaultIn200 "QuickBooks: 200 with a fault in it",
    26 NothingIn200 "QuickBooks: 200 with nothing in it",
    27 TokenRefused "QuickBooks: 401 in the middle of a batch",
    28 AdministratorLost "company: who connected is no administrator any more",
    28 PermissionMissing "company: 5020, a permission is missing",
    28 Forbidden "company: 403",
    28 ReadOnly "company: 6190, its subscription has ended",
    28 Maintenance "company: under maintenance",
    28 Revoked "company: the merchant revokes our access",
    29 NameTaken "QuickBooks: 6240 without a detail",
    29 NumberTaken "company: a foreign document has our number",
    30 Stale "company: a customer was changed by hand, so that our version is stale",
    30 CustomerGone "company: a customer was made inactive",
    31 BooksClosed "company: the books are closed",
    32 IdsIgnored "QuickBooks: request ids are ignored",
    32 IdsForgotten "QuickBooks: request ids are forgotten after a while",
    32 OldError "QuickBooks: an old refusal is given again to its request id",
    33 QueriesLag "QuickBooks: queries show what was written up to 2 min later",
    34 FirstTogether "two first payments of a new customer at once",
    35 RefundFirst "a refund is sent before its payment",
    35 OlderLater "an older profile is sent after a newer one",
    36 RefreshLost "Intuit: new tokens are issued and the answer is lost",
    37 RefreshFails "Intuit: the token endpoint fails",
    37 InvalidGrant "Intuit: invalid_grant although the token is good",
    38 SlowRefresher "a refresher is frozen while another begins",
    39 AppendFails "store: adding a received token fails",
    40 SecretBefore "secrets: a secret is not kept",
    40 SecretAfter "secrets: a secret is kept and not answered",
    41 SecretOvertaken "secrets: another version became current meanwhile",
    42 SecretsThrottled "secrets: throttled for seconds on end",
    43 StaleLoser "Intuit: invalid_grant to a loser with an old token",
    44 IntuitDown "Intuit: the token endpoint is down for everybody",
    45 MailUnanswered "mail service: takes a mail and does not answer",
    46 MailThrottled "mail service: throttled",
    47 MailEventLost "mail service: the event of a mail is lost",
    48 ClockJumps "clock: jumps by up to ten minutes",
    48 Frozen "clock: a process is frozen for up to 20 minutes",
    49 OtherCompany "operator: connects another company while work is under way",
    50 BreakerLost "store: whether QuickBooks is down for everyone cannot be read or written",
    51 Deployed "deployment: new processes beside old ones at the same rows",
    0 StoreBefore "store: any other call fails before it is carried out",
    0 StoreAfter "store: any other call is carried out and not answered",
    0 Untold "outcomes: not taken by their queue",
    0 Unwoken "drains: a wake-up is lost",
    0 Outage "QuickBooks: down for everyone, and nobody asks until it is back",
    0 Restored "operator: reconnects the same company",
}

/// Faults of the matrix that no storm has, and where they are met instead.
pub const ELSEWHERE: [(u8, &str, &str); 3] = [
    (
        15,
        "the table restored to an hour ago",
        "not handled by itself: the runbook's restore is an operator's work",
    ),
    (
        6,
        "a queue holds more than 120,000 of one group",
        "benches: a light merchant beside a burst",
    ),
    (
        52,
        "a batch is answered in part",
        "batch operations are off by design: nothing is sent in batches",
    ),
];

/// How often each fault happened in one run.
#[derive(Debug)]
pub struct Happened(Vec<Cell<u64>>);

impl Default for Happened {
    fn default() -> Self {
        Self(Fault::ALL.iter().map(|_| Cell::new(0)).collect())
    }
}

impl Happened {
    /// It happened.
    pub fn note(&self, fault: Fault) {
        self.add(fault, 1);
    }

    /// It happened so many times.
    pub fn add(&self, fault: Fault, times: u64) {
        let count = &self.0[fault as usize];
        count.set(count.get() + times);
    }

    /// How often it happened.
    #[must_use]
    pub fn count(&self, fault: Fault) -> u64 {
        self.0[fault as usize].get()
    }
}

/// What many runs together came to: how often each fault happened, and where processes died in the runs that had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix(Vec<(u64, BTreeSet<Await>)>);

impl Default for Matrix {
    fn default() -> Self {
        Self(Fault::ALL.iter().map(|_| Default::default()).collect())
    }
}

impl Matrix {
    /// Adds a run.
    pub fn add_run(&mut self, happened: &Happened, deaths: &[Await]) {
        for (fault, (times, awaits)) in Fault::ALL.iter().zip(&mut self.0) {
            let count = happened.count(*fault);
            if count > 0 {
                *times += count;
                awaits.extend(deaths);
            }
        }
    }

    /// Adds another's runs.
    pub fn add(&mut self, other: &Self) {
        for ((times, awaits), (more, theirs)) in self.0.iter_mut().zip(&other.0) {
            *times += more;
            awaits.extend(theirs);
        }
    }

    /// How often a fault happened, and at how many places processes died in the runs that had it.
    #[must_use]
    pub fn of(&self, fault: Fault) -> (u64, usize) {
        let (times, awaits) = &self.0[fault as usize];
        (*times, awaits.len())
    }

    /// The faults that never happened, and those that nobody died beside.
    #[must_use]
    pub fn idle(&self) -> Vec<Fault> {
        let is_idle = |fault: &Fault| {
            let (times, awaits) = self.of(*fault);
            times == 0 || awaits == 0
        };
        Fault::ALL.iter().copied().filter(is_idle).collect()
    }
}

/// The fault that a trouble of the simulator's is, where it is counted by its befalling a request.
#[must_use]
pub fn of_trouble(trouble: &Trouble) -> Option<Fault> {
    let at_refresh = trouble.operation.as_deref() == Some("oauth.refresh");
    let is_gateway = trouble.status == Some(504);
    Some(match trouble.kind {
        TroubleKind::InvalidGrant => Fault::InvalidGrant,
        TroubleKind::Down if at_refresh && trouble.realm.is_none() => Fault::IntuitDown,
        TroubleKind::Down | TroubleKind::Fail500 | TroubleKind::CommitThen500 if at_refresh => {
            Fault::RefreshFails
        }
        // Of a refresh, what is lost is counted where it was new.
        _ if at_refresh => return None,
        TroubleKind::LoseAnswer => Fault::AnswerLost,
        TroubleKind::TimeoutWithoutCommit => Fault::RequestDropped,
        TroubleKind::CommitLate if trouble.seconds > 120 => Fault::CommitsTooLate,
        TroubleKind::CommitLate => Fault::CommitsLate,
        TroubleKind::CommitThen500 if is_gateway => Fault::GatewayDone,
        TroubleKind::CommitThen500 => Fault::FailedDone,
        TroubleKind::Fail500 if is_gateway => Fault::GatewayUndone,
        TroubleKind::Fail500 | TroubleKind::Down => Fault::FailedUndone,
        TroubleKind::Truncate => Fault::Truncated,
        TroubleKind::Html200 => Fault::Html,
        TroubleKind::WrongEcho => Fault::WrongEcho,
        TroubleKind::WrongTotal => Fault::WrongTotal,
        TroubleKind::Throttle => Fault::TooMany,
        TroubleKind::OkWithFault => Fault::FaultIn200,
        TroubleKind::OkNothingDone => Fault::NothingIn200,
        TroubleKind::TokenExpired => Fault::TokenRefused,
        TroubleKind::Fault => match trouble.code.as_deref() {
            Some("5020") => Fault::PermissionMissing,
            Some("6240") => Fault::NameTaken,
            _ => Fault::Forbidden,
        },
        _ => return None,
    })
}
