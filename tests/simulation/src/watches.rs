//! Watches: a connection that is lost and found again, looked after for weeks by processes that die, with a mail service
//! that has troubles of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use bookkeeping::connection::{ConnectionState, Denial};
use common::mail::MailFault;
use token_health::batch::work;

use crate::broken::{Broken, Promise};
use crate::faults::Matrix;
use crate::planted::Planted;
use crate::town::Town;
use crate::ward::merchant;
use crate::world::SimulatedWorld;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Mails each reader gets of a connection that is lost for 40 days: five reminders and its end.
const MAILS: usize = 6;

/// What watches came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Watches.
    pub watches: u64,
    /// Mails sent.
    pub mails: u64,
    /// What went wrong, and where processes died of it.
    pub matrix: Matrix,
}

/// Plays the watch of a seed, and adds it to the tally.
///
/// # Errors
///
/// What was not true.
///
/// # Panics
///
/// Where a process that lives fails though the store is there.
pub fn play(seed: u64, planted: Planted, tally: &mut Tally) -> Result<(), Broken> {
    let mut town = Town::new(seed);
    town.outside.planted = planted;
    town.outside.tables.borrow_mut().planted = planted;
    town.is_looked_after();
    town.watch_over(DAY);
    town.changes_to(ConnectionState::ReconnectNeeded(Denial::Revoked));
    let fate = std::rc::Rc::clone(&town.outside.waits.fate);
    {
        let mut post = town.outside.post.borrow_mut();
        match fate.below(6) {
            0 => post.refuses = Some(MailFault::Later),
            1 => post.is_silent = true,
            2 => post.loses_events = true,
            _ => {}
        }
    }
    town.pass(MINUTE);
    if fate.below(3) == 0 {
        two_at_once(&town);
    } else {
        fate.die_at(Some(1 + fate.below(45)));
        town.tick();
        fate.die_at(None);
    }
    town.watch_over(Duration::from_secs(1800));
    let may_be_twice = {
        let mut post = town.outside.post.borrow_mut();
        let lost = std::mem::take(&mut post.loses_events);
        post.is_silent = false;
        post.refuses = None;
        lost
    };
    town.watch_over(DAY * 40);
    town.reconnect();
    town.watch_over(DAY * 2);
    tally.watches += 1;
    let mails = town.mails(|taken| {
        let mail = &taken.mail;
        (mail.to.email.clone(), mail.marks.mail.clone())
    });
    tally.mails += mails.len() as u64;
    tally.matrix.add_run(&town.outside.happened, &fate.deaths());
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for mail in mails {
        *counts.entry(mail).or_default() += 1;
    }
    let most = if may_be_twice { 2 } else { 1 };
    if let Some(((to, _), count)) = counts.iter().find(|(_, count)| **count > most) {
        let what = format!("{to} was sent one mail {count} times");
        return Err(Broken::new(Promise::Mails, what));
    }
    match counts.len() == 2 * MAILS {
        true => Ok(()),
        false => Err(Broken::new(
            Promise::Mails,
            format!("{} different mails to two readers", counts.len()),
        )),
    }
}

/// Two processes look at once, one of them a little later.
fn two_at_once(town: &Town) {
    let (one, other) = (
        SimulatedWorld::new(&town.outside),
        SimulatedWorld::new(&town.outside),
    );
    let body = [serde_json::json!({"merchant": merchant()}).to_string()];
    let waits = town.outside.waits.clone();
    let both = futures::future::join(work(&one, &body), async {
        let pause = Duration::from_millis(waits.fate.below(120));
        waits.clock.sleep(pause).await;
        work(&other, &body).await
    });
    waits.clock.run(both, || false).expect("alive");
}
