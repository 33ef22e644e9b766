//! The story of one transaction: what happened to it, when, and who decided what.

use bookkeeping::ids::OperatorId;
use bookkeeping::reason::State;
use bookkeeping::transaction::Kind;
use common::locales::say;
use common::store::{Decision, Restored, Row};
use jiff::Timestamp;

use crate::dates::clock;
use crate::people::People;
use crate::view::View;

/// The figure of a reason that says which operator decided so.
pub(crate) const BY: &str = "by";

/// What happened when, in words, the oldest first.
pub(crate) fn story(
    kind: Kind,
    row: &Row,
    restored: Option<&Restored>,
    people: &People,
    view: &View<'_>,
) -> Vec<(String, String)> {
    let language = view.language;
    let words = |message: &str| say(language, message, None, &[]);
    let by = |message: &str, operator: &OperatorId| {
        say(language, message, None, &[("name", &people.name(operator))])
    };
    let left_out = || match decided_by(row) {
        Some(operator) => by("entry-left-out-by", &operator),
        None => words("entry-left-out"),
    };
    let decided = row.decided.as_ref().map(|decided| {
        let message = match decided.what {
            Decision::Again => "entry-decided-again",
            Decision::Send => "entry-decided-send",
            Decision::Choice => "entry-decided-choice",
            Decision::Customer => "entry-decided-customer",
            Decision::Excess => "entry-decided-excess",
            Decision::Tax => "entry-decided-tax",
        };
        (decided.at, by(message, &decided.by))
    });
    let is_left_out = row.state() == State::Skipped;
    let moved_at = row.listing.as_ref().map(|listing| listing.moved_at);
    let moved = match kind {
        Kind::Payment => "entry-paid",
        Kind::Refund => "entry-paid-back",
    };
    let told = [
        moved_at.map(|at| (at, words(moved))),
        row.received.map(|at| (at, words("entry-received"))),
        decided,
        row.since.filter(|_| is_left_out).map(|at| (at, left_out())),
        row.recorded.map(|at| (at, words("entry-recorded"))),
        restored.map(|restored| (restored.at, by("entry-restored-by", &restored.by))),
        row.due.map(|at| (at, words("entry-due"))),
    ];
    let mut told: Vec<(Timestamp, String)> = told.into_iter().flatten().collect();
    // Of one moment, in the order written above.
    told.sort_by_key(|(at, _)| *at);
    let told = told.into_iter();
    told.map(|(at, what)| (clock(at, &view.zone, language), what))
        .collect()
}

/// The operator whose decision it is that a transaction stands where it does.
fn decided_by(row: &Row) -> Option<OperatorId> {
    let by = row.reason.as_ref()?.figures.get(BY)?;
    OperatorId::parse(by).ok()
}

#[cfg(test)]
mod tests {
    use bookkeeping::reason::{Reason, ReasonCode};
    use bookkeeping::transaction::Language;
    use common::store::{Decided, Listing, Standing};

    use super::*;

    fn row(standing: Standing, reason: Option<Reason>) -> Row {
        let at = |minute: i64| Timestamp::from_second(1_795_800_000 + 60 * minute).ok();
        Row {
            standing,
            attempt: 1,
            owner: None,
            lease_until: None,
            fingerprint: String::new(),
            realm: None,
            request_id: None,
            frozen: None,
            due: None,
            since: reason.as_ref().and(at(9)),
            told: None,
            reason,
            synced: None,
            posted: None,
            listing: at(0).map(Listing::unread),
            received: at(1),
            claimed: None,
            recorded: None,
            decided: None,
        }
    }

    fn told(row: &Row, restored: Option<&Restored>, language: Language) -> Vec<String> {
        let people = People::known("op_7", "Luc Gagné", language);
        let story = story(
            Kind::Payment,
            row,
            restored,
            &people,
            &View::of(None, language),
        );
        story.into_iter().map(|(_, what)| what).collect()
    }

    #[test]
    fn a_story_says_last_who_left_it_out_and_of_what_nobody_decided_nobody() {
        let by_them = Reason::new(ReasonCode::Dismissed).with(BY, "op_7");
        let by_rule = Reason::new(ReasonCode::BeforeStartDate);
        for (reason, english, french) in [
            (
                by_them,
                "Left out by Luc Gagné",
                "Laissé de côté par Luc Gagné",
            ),
            (by_rule, "Left out", "Laissé de côté"),
        ] {
            let row = row(Standing::Skipped, Some(reason));
            let last = |language| told(&row, None, language).pop();
            assert_eq!(last(Language::English).as_deref(), Some(english));
            assert_eq!(last(Language::French).as_deref(), Some(french));
        }
        let waits = row(Standing::Parked, Some(Reason::new(ReasonCode::InLine)));
        let story = told(&waits, None, Language::English);
        assert_eq!(story, ["Paid by the customer", "Received from MioCommerce"]);
    }

    #[test]
    fn a_story_says_who_decided_what_when_it_needed_somebody() {
        for (what, english, french) in [
            (
                Decision::Again,
                "Tried again, asked by Luc Gagné",
                "Nouvel essai, demandé par Luc Gagné",
            ),
            (
                Decision::Send,
                "To be sent after all, decided by Luc Gagné",
                "À envoyer quand même, sur décision de Luc Gagné",
            ),
            (
                Decision::Choice,
                "Tried again after settings or lists changed, by Luc Gagné",
                "Nouvel essai après un changement des paramètres ou des listes, par Luc Gagné",
            ),
            (
                Decision::Customer,
                "Customer chosen by Luc Gagné",
                "Client choisi par Luc Gagné",
            ),
            (
                Decision::Excess,
                "Posted all the same, decided by Luc Gagné",
                "Inscrit quand même, sur décision de Luc Gagné",
            ),
            (
                Decision::Tax,
                "Tax named by Luc Gagné",
                "Taxe indiquée par Luc Gagné",
            ),
        ] {
            let mut row = row(Standing::Synced, None);
            row.recorded = Timestamp::from_second(1_795_800_300).ok();
            row.decided = Some(Decided {
                at: Timestamp::from_second(1_795_800_240).expect("an instant"),
                by: "op_7".parse().expect("an operator"),
                what,
            });
            let said = |language| told(&row, None, language).swap_remove(2);
            assert_eq!(said(Language::English), english);
            assert_eq!(said(Language::French), french);
        }
    }

    #[test]
    fn a_story_says_who_put_the_customers_record_back_and_where_that_belongs() {
        let mut row = row(Standing::Synced, None);
        row.recorded = Timestamp::from_second(1_795_800_120).ok();
        let restored = Restored {
            at: Timestamp::from_second(1_795_800_090).expect("an instant"),
            by: "op_7".parse().expect("an operator"),
        };
        let story = told(&row, Some(&restored), Language::English);
        let put_back = "Customer's record in QuickBooks put back by Luc Gagné";
        assert_eq!(story[2..], [put_back, "Recorded in QuickBooks"]);
    }
}
