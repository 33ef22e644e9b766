//! Fifty processes at one connection's tokens: slow and lost answers, refusals of an outage, deaths and freezes anywhere,
//! under every reading of what Intuit leaves open.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::MerchantId;
use bookkeeping::token::TokenHash;
use common::access::{Remembered, Verdict, check};
use common::secrets::RefreshTokensIn;
use common::tokens::connected;
use futures::future::join_all;
use simulator::{ConcurrentRefresh, Intuit, OldRefreshToken, Trouble, TroubleKind};

use crate::broken::{Broken, Promise};
use crate::fate::{Await, Fate};
use crate::faults::{Matrix, of_trouble};
use crate::mishaps::Mishaps;
use crate::mortal::Mortal;
use crate::planted::Planted;
use crate::town::{MERCHANT, REALM, Town, consent};
use crate::world::{Outside, SimulatedWorld, Waits};

/// Processes at once.
const PROCESSES: u64 = 50;

/// Waves in a schedule, a day apart: each finds the access token dead and the refresh token due to change.
const WAVES: u64 = 2;

/// Over how long the processes of a wave begin.
const WAVE: u64 = 600;

/// What may go wrong with a refresh on its way.
const TROUBLES: [TroubleKind; 10] = [
    TroubleKind::LoseAnswer,
    TroubleKind::TimeoutWithoutCommit,
    TroubleKind::CommitLate,
    TroubleKind::Delay,
    TroubleKind::Delay,
    TroubleKind::Down,
    TroubleKind::CommitThen500,
    TroubleKind::Truncate,
    TroubleKind::InvalidGrant,
    TroubleKind::Throttle,
];

/// What schedules came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Schedules run.
    pub schedules: u64,
    /// Refreshes that Intuit saw.
    pub refreshes: usize,
    /// Processes that died.
    pub deaths: u64,
    /// What went wrong, and where they died of it.
    pub matrix: Matrix,
    /// Schedules whose newest token was lost in the one window that nobody can close: the answer lost, or the process
    /// dead between Intuit's doing it and our first write.
    pub lost_in_the_window: u64,
    /// Schedules in which Intuit itself ended the grant, for an old token used when nothing newer could be known.
    pub ended_by_intuit: u64,
    /// Schedules that ended with the operator asked to reconnect.
    pub denied: u64,
}

/// What every schedule begins with, made once.
pub struct Stage {
    connection: Connection,
    intuit: Intuit,
    outside: Outside,
}

impl Stage {
    /// A connected merchant.
    ///
    /// # Panics
    ///
    /// Where the town cannot be connected.
    #[must_use]
    pub fn new() -> Self {
        let town = Town::new(0);
        let outside = town.outside.clone();
        let intuit = outside.intuit.borrow().clone();
        Self {
            connection: town.connection(),
            intuit,
            outside,
        }
    }

    /// Plays the schedule of a seed, and adds it to the tally.
    ///
    /// # Errors
    ///
    /// The promise that was broken.
    pub fn play(&self, seed: u64, planted: Planted, tally: &mut Tally) -> Result<(), Broken> {
        let schedule = Schedule::new(self, seed, planted);
        schedule.connect();
        let mut deaths = Vec::new();
        for _ in 0..WAVES {
            schedule.pass_a_day();
            deaths.extend(schedule.wave());
        }
        tally.schedules += 1;
        tally.refreshes += schedule.outside.watch.borrow().uses();
        tally.deaths += deaths.len() as u64;
        let judged = schedule.judge(tally);
        let happened = &schedule.outside.happened;
        for (trouble, times) in schedule.outside.intuit.borrow().befell() {
            if let Some(fault) = of_trouble(trouble) {
                happened.add(fault, times);
            }
        }
        tally.matrix.add_run(happened, &deaths);
        judged.map_err(|what| Broken::new(Promise::Tokens, what))
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// One schedule.
struct Schedule {
    outside: Outside,
    merchant: MerchantId,
    outage: Cell<bool>,
}

impl Schedule {
    fn new(stage: &Stage, seed: u64, planted: Planted) -> Self {
        let fate = Rc::new(Fate::new(seed));
        let mut intuit = stage.intuit.clone();
        // The stage's own grant would hide what becomes of the schedule's.
        let revoked = Trouble::new(TroubleKind::Revoke).at(REALM);
        intuit.trouble(stage.outside.waits.clock.now(), revoked);
        let switches = intuit.switches(REALM).expect("a company");
        let pick = |of: u64| fate.below(of);
        switches.old_refresh_token = match pick(3) {
            0 => OldRefreshToken::Grace,
            1 => OldRefreshToken::Refuse,
            _ => OldRefreshToken::Revoke,
        };
        switches.concurrent_refresh = match pick(2) {
            0 => ConcurrentRefresh::Refuse,
            _ => ConcurrentRefresh::Revoke,
        };
        switches.rotate_after_hours = if pick(2) == 0 { 24 } else { 0 };
        let refresh_tokens_in = match pick(2) {
            0 => RefreshTokensIn::Secrets,
            _ => RefreshTokensIn::DynamoDb,
        };
        let mut outside = stage.outside.anew(Rc::clone(&fate), intuit, planted);
        outside.refresh_tokens_in = refresh_tokens_in;
        let connection = stage.connection.clone();
        if pick(4) == 0 {
            outside.mishaps.borrow_mut().secrets_fail_in = Some(8);
        }
        let mut tables = outside.tables.borrow_mut();
        tables
            .connections
            .insert(connection.merchant.clone(), connection);
        drop(tables);
        Self {
            outside,
            merchant: MerchantId::parse(MERCHANT).expect("an id"),
            outage: Cell::new(false),
        }
    }

    fn connect(&self) {
        let world = SimulatedWorld::new(&self.outside);
        let tables = &self.outside.tables;
        let realm = tables.borrow().connections[&self.merchant]
            .company
            .realm
            .clone();
        let pair = consent(&self.outside, REALM);
        let begun = connected(&world, &self.merchant, &realm, 1, &pair);
        let begun = self.outside.waits.clock.run(begun, || false);
        assert_eq!(begun, Some(Ok(true)), "tokens");
    }

    fn pass_a_day(&self) {
        let day = Duration::from_secs(25 * 3600);
        self.outside.waits.clock.advance(day);
    }

    /// Fifty processes begin within ten minutes; each wants an access token or a check.
    fn wave(&self) -> Vec<Await> {
        let waits = &self.outside.waits;
        for _ in 0..waits.fate.below(5) {
            self.ask_for_trouble();
        }
        let fates: Vec<Rc<Fate>> = (0..PROCESSES)
            .map(|_| Rc::new(Fate::new(waits.fate.random())))
            .collect();
        let processes = fates.iter().map(|fate| {
            let process = self.process(Rc::clone(fate));
            Mortal::new(Rc::clone(fate), process)
        });
        let over = waits.clock.run(join_all(processes), || false);
        assert!(over.is_some());
        fates.iter().flat_map(|fate| fate.deaths()).collect()
    }

    async fn process(&self, fate: Rc<Fate>) {
        let clock = Rc::clone(&self.outside.waits.clock);
        let begins_after = Duration::from_millis(fate.below(WAVE * 1000));
        if fate.below(4) == 0 {
            fate.die_at(Some(1 + fate.below(40)));
        }
        if fate.below(8) == 0 {
            let frozen = Duration::from_secs(60 + fate.below(1_200));
            fate.freeze_at(1 + fate.below(40), frozen);
        }
        let wants_check = fate.below(4) == 0;
        let mut outside = self.outside.clone();
        outside.waits.fate = fate;
        clock.sleep(begins_after).await;
        let world = SimulatedWorld::new(&outside);
        if wants_check {
            // Where a secret cannot be kept there is no verdict.
            check(&world, &self.merchant).await.ok();
            return;
        }
        let remembered = Remembered::default();
        let merchants = [self.merchant.clone()];
        remembered
            .prepare(&world, &merchants)
            .await
            .expect("a store");
        let now = common::world::World::now(&world);
        remembered
            .open(&world, &self.merchant, now)
            .await
            .map(drop)
            .ok();
        remembered.refresh_ahead(&world).await;
    }

    fn ask_for_trouble(&self) {
        let Waits { clock, fate } = &self.outside.waits;
        let kind = TROUBLES[usize::try_from(fate.below(TROUBLES.len() as u64)).expect("small")];
        let mut trouble = Trouble::new(kind).at(REALM).on("oauth.refresh");
        trouble.skip = u32::try_from(fate.below(6)).expect("small");
        match kind {
            TroubleKind::CommitLate => {
                // Intuit cuts requests off after 120 s.
                trouble = trouble.seconds(1 + fate.below(119));
                trouble.answer_after = 1 + fate.below(60);
            }
            // One outage a schedule, shorter than the pauses: a longer one is a refusal as far as anybody can tell.
            TroubleKind::InvalidGrant if self.outage.replace(true) => return,
            TroubleKind::InvalidGrant => {
                trouble = trouble.times(1 + u32::from(fate.below(2) == 0));
            }
            _ => trouble = trouble.seconds(1 + fate.below(60)),
        }
        self.outside
            .intuit
            .borrow_mut()
            .trouble(clock.now(), trouble);
    }

    /// Holds what is left against the promises.
    fn judge(&self, tally: &mut Tally) -> Result<(), String> {
        let clock = &self.outside.waits.clock;
        let intuit = &self.outside.intuit;
        *self.outside.mishaps.borrow_mut() = Mishaps::default();
        // What is still on its way arrives.
        clock.advance(Duration::from_secs(200));
        intuit.borrow_mut().advance(clock.now());
        let calm = Trouble::new(TroubleKind::None);
        intuit.borrow_mut().trouble(clock.now(), calm);

        if let Some(token) = self.outside.watch.borrow().used_twice_at_once() {
            return Err(format!("{:?} was used twice at once", TokenHash::of(token)));
        }
        let works = intuit
            .borrow()
            .current_refresh_token(REALM)
            .map(str::to_owned);
        let is_kept = works.as_ref().is_some_and(|token| self.keeps(token));
        match &works {
            None => tally.ended_by_intuit += 1,
            Some(_) if is_kept => {}
            Some(token) => {
                if self.outside.watch.borrow().is_known_to_the_living(token) {
                    return Err("a living process heard of the newest token and it is lost".into());
                }
                tally.lost_in_the_window += 1;
            }
        }
        match (self.verdict(), is_kept) {
            (Verdict::Healthy { .. }, true) => Ok(()),
            // Grace: an older token still brings the newest.
            (Verdict::Healthy { .. }, false) if works.is_some() => Ok(()),
            (Verdict::Denied(_), false) => {
                tally.denied += 1;
                self.denied()
            }
            (verdict, _) => Err(format!(
                "{verdict:?}, with the newest token kept: {is_kept}, alive: {}",
                works.is_some()
            )),
        }
    }

    /// Whether a token is in the journal or in the vault.
    fn keeps(&self, token: &str) -> bool {
        let hash = TokenHash::of(token);
        let tables = self.outside.tables.borrow();
        let row = &tables.tokens[&(self.merchant.clone(), 1)];
        let in_journal = row.journal.iter().any(|entry| entry.candidate.hash == hash);
        let secrets = self.outside.secrets.borrow();
        let in_vault = secrets
            .get(&(self.merchant.clone(), 1))
            .is_some_and(|secret| secret.tokens().any(|kept| kept.candidate().hash == hash));
        in_journal || in_vault
    }

    /// Checks the connection until something is proven.
    fn verdict(&self) -> Verdict {
        let clock = &self.outside.waits.clock;
        loop {
            let world = SimulatedWorld::new(&self.outside);
            let verdict = clock.run(check(&world, &self.merchant), || false);
            match verdict.expect("alive").expect("a store") {
                Verdict::Unproven { again_at } => {
                    let wait = Duration::try_from(again_at - clock.now()).unwrap_or_default();
                    clock.advance(wait + Duration::from_secs(1));
                }
                proven => return proven,
            }
        }
    }

    /// A denied connection says so, and MioCommerce was told of each change once.
    fn denied(&self) -> Result<(), String> {
        let tables = self.outside.tables.borrow();
        let state = tables.connections[&self.merchant].state;
        let told = self.outside.told.borrow();
        let last = told.last().map(|told| told.body.as_str()).unwrap_or("");
        let mut seen = BTreeSet::new();
        let states: Vec<bool> = told
            .iter()
            .filter(|told| seen.insert(told.id.as_str()))
            .map(|told| told.body.contains("reconnect_needed"))
            .collect();
        if !matches!(state, ConnectionState::ReconnectNeeded(_)) {
            return Err(format!("denied, and the connection is {state:?}"));
        }
        if !last.contains("reconnect_needed") {
            return Err("denied, and nobody was told".to_owned());
        }
        match tables.tokens[&(self.merchant.clone(), 1)].untold {
            Some(_) => Err("told, and still noted as untold".to_owned()),
            None if states.windows(2).any(|pair| pair[0] == pair[1]) => {
                Err("one change was told as two".to_owned())
            }
            None => Ok(()),
        }
    }
}
