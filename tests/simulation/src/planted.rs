//! Planted bugs: mistakes that are easily made in these protocols, made on purpose to see each of them caught.
//!
//! They are planted in what the simulation puts round the handlers (store, wire, queue, clock, mail service), never in the
//! handlers: what ships has no switch for them.

use std::time::Duration;

use common::config::{RefreshTiming, Timing};

/// Where a bug shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// In storms.
    InStorms,
    /// In schedules of refreshes.
    InRefreshes,
    /// In a watch over a connection that is lost.
    InWatches,
}

macro_rules! bugs {
    ($($name:ident $shows:ident $text:literal,)*) => {
        /// A bug that can be planted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Bug {
            $(
                #[doc = $text]
                $name,
            )*
        }

        impl Bug {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What is done wrongly.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Where it shows.
            #[must_use]
            pub fn shows(self) -> Shows {
                match self { $(Self::$name => Shows::$shows,)* }
            }
        }
    };
}

bugs! {
    ClaimUnconditional InStorms "a claim is given to whoever asks",
    ClaimOfTheDead InStorms "a dead worker's claim is given away at the end of its lease",
    AmbiguousAtOnce InStorms "what may have been sent is taken up before it would show",
    AnyCompany InStorms "a claim takes no notice of the company",
    SettleForOthers InStorms "an attempt is ended by whoever lost its claim",
    ParkOverClaim InStorms "what another has claimed is parked as if it were never sent",
    ParkNowhere InStorms "what waits is given no place in the lot",
    ParkBeforeArm InStorms "a row is parked before its lot is armed",
    DisarmUnseen InStorms "a lot is disarmed although something was armed since",
    NeverSwept InStorms "nobody looks for lots that are due",
    FencedCompletion InStorms "a receipt is recorded only while its claim lives",
    LeaveBeforeTold InStorms "a row leaves the lot before its outcome is told",
    UnreadableDropped InStorms "an unreadable message is not kept",
    ConflictDropped InStorms "a conflicting message is not kept",
    RefundsForgotten InStorms "what earlier refunds took is not subtracted",
    RefundDoesNotWait InStorms "a refund does not wait for its payment",
    LinkForAll InStorms "a customer is looked for by whoever asks, at an open door",
    DoorForAll InStorms "two customers with one address are looked for at once",
    VersionIgnored InStorms "an older profile is written over a newer one",
    ChangeDropped InStorms "a changed profile that has to wait is dropped",
    NoRequestId InStorms "requests go without their ids",
    NewRequestId InStorms "a request is sent again under a new id",
    SilenceIsUnsent InStorms "silence is taken for \"not sent\"",
    SentAgainAtOnce InStorms "what was not answered is sent again at once",
    TotalNotCompared InStorms "the total in the answer is not compared",
    ProbeSkipped InStorms "nobody looks before sending again",
    ErrorIsRefusal InStorms "an error of the server is taken for a refusal",
    ThrottleIgnored InStorms "what QuickBooks throttled is sent again at once",
    NoQuiescence InStorms "no waiting for what may still be carried out",
    NoPace InStorms "no pace",
    SentHoweverLate InStorms "sent however long ago it was claimed",
    UntoldIsTold InStorms "outcomes count as told whatever their queue says",
    ToldAnew InStorms "an outcome is told under a new id each time",
    LetGoAtOnce InStorms "messages are let go before they are worked on",
    LetGoUnfinished InStorms "messages that came back are let go",
    ClosedForgotten InStorms "a merchant whose connection is closed counts as never connected",
    FencedAppend InRefreshes "a received token is kept only by whoever still holds the lease",
    LastWriterWins InRefreshes "a received token takes the place of those before it",
    ShortLease InRefreshes "the lease of a refresh is shorter than a request",
    ChangeToldTwice InRefreshes "a change of state is noted by whoever saw it",
    StepNotRecorded InWatches "a step of an incident is not written down",
    StepForAll InWatches "a step of an incident is claimed by whoever asks",
}

/// What is planted, if anything is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Planted(pub Option<Bug>);

impl Planted {
    /// Whether this bug is planted.
    #[must_use]
    pub fn has(self, bug: Bug) -> bool {
        self.0 == Some(bug)
    }

    /// The waiting times it leaves.
    #[must_use]
    pub fn timing(self) -> Timing {
        let mut timing = Timing::SAFE;
        match self.0 {
            Some(Bug::NoQuiescence) => timing.quiescence = Duration::ZERO,
            Some(Bug::NoPace) => timing.post_spacing = Duration::ZERO,
            Some(Bug::SentHoweverLate) => timing.send_by = Duration::from_secs(24 * 3600),
            Some(Bug::RefundDoesNotWait) => timing.payment_wait = Duration::ZERO,
            Some(Bug::ShortLease) => {
                timing.refresh = RefreshTiming {
                    lease: Duration::from_secs(8),
                    quiet: Duration::from_secs(5),
                    ..timing.refresh
                };
            }
            _ => {}
        }
        timing
    }
}
