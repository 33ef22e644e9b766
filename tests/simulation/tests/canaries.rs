//! What is logged holds no token and no secret, whatever goes wrong.
#![recursion_limit = "256"]

use simulation::log::Log;
use simulation::payments::payment;
use simulation::planted::Planted;
use simulation::refreshes::{Stage, Tally};
use simulation::town::{REALM, Town};
use simulator::{Trouble, TroubleKind};
#[test]
fn no_token_and_no_secret_is_ever_logged() {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        let stage = Stage::new();
        for seed in 0..20 {
            let played = stage.play(seed, Planted::default(), &mut Tally::default());
            played.expect("the promises are kept");
        }
        let mut town = Town::new(3);
        let refused = Trouble::new(TroubleKind::TokenExpired).on("salesreceipt.create");
        let now = town.outside.waits.clock.now();
        town.outside
            .intuit
            .borrow_mut()
            .trouble(now, refused.at(REALM));
        town.send("message-1", payment(1, 1));
        town.work_all();
    });
    let text = log.text();
    assert!(text.contains("renewed the tokens of mer_laurier"), "{text}");
    assert!(text.contains("InvalidGrant") && text.contains("Unauthorized"));
    assert_eq!(log.secret(), None);
}
