//! Access: a usable connection and access token for a merchant, and the only way to one.
//!
//! | file | what |
//! |---|---|
//! | here | what a process remembers, and what it does when an access token ends |
//! | `refresh` | the protocol: one refresh at a time, and no token that was received is ever lost |
//! | [`state`] | a change of the connection's state: noted, carried out, told |
//! | [`health`] | a refresh now, to learn how a connection stands |

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::breaker::Breaker;
use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::MerchantId;
use bookkeeping::reason::{Reason, ReasonCode};
use bookkeeping::refusals::Refusals;
use bookkeeping::token::{Life, life};
use futures::lock::Mutex;
use jiff::Timestamp;
use secrecy::SecretString;

use crate::store::{Connections, Opening, StoreError, TokenRow, Tokens, access_context};
use crate::tokens::open;
use crate::world::World;

pub mod health;
mod refresh;
pub mod state;

pub use health::{Verdict, check};
use refresh::{Renewal, renew};

/// How long to look for somebody else's refresh to end before the transaction waits in the lot.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long what a refresh came to is believed by others of this process.
const BELIEVED: Duration = Duration::from_secs(5);

/// How long an invocation lasts at most. Source: AWS, "Lambda quotas".
const INVOCATION_MAX: Duration = Duration::from_secs(15 * 60);

/// How often a connection that is closed by the company's own state is tried all the same.
const TRIED_AGAIN: Duration = Duration::from_secs(15 * 60);

/// What a merchant's sync may use.
pub struct Access {
    /// The connection.
    pub connection: Rc<Connection>,
    /// The access token; prints as `[secret]`.
    pub token: SecretString,
    /// What QuickBooks refused since something last went through, where it did.
    pub refusals: Option<Refusals>,
    /// Which success gave the token: a later one has a greater.
    generation: u64,
    /// Whether live work yields to the drain of the merchant's lot.
    pub lot_open: bool,
    /// Whether QuickBooks is down for everyone.
    pub breaker: Breaker,
}

impl Access {
    /// The same access under the connection as it stands by now, where that was changed since this access was given: choices
    /// the operator has made count at once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be read.
    pub async fn newer<W: World>(&self, world: &W) -> Result<Option<Self>, StoreError> {
        let known = &self.connection;
        let stands = world.store().opening(&known.merchant).await?.connection;
        let changed = stands
            .filter(|stands| stands.epoch == known.epoch && stands.revision != known.revision);
        Ok(changed.map(|connection| Self {
            connection: Rc::new(connection),
            token: self.token.clone(),
            generation: self.generation,
            refusals: self.refusals,
            lot_open: self.lot_open,
            breaker: self.breaker,
        }))
    }
}

/// Why a merchant's sync may not begin.
#[derive(Debug)]
pub enum Closed {
    /// No company was ever connected.
    NotConnected,
    /// It is connected, but nothing can be written now; with the time to look again, where time alone may clear it.
    Waiting(Rc<Connection>, Reason, Option<Timestamp>),
}

/// What was read lately, and who is renewing what.
pub struct Remembered {
    openings: RefCell<HashMap<MerchantId, Read>>,
    /// Access tokens as they are kept, and opened.
    opened: RefCell<HashMap<MerchantId, (Vec<u8>, SecretString)>>,
    flights: RefCell<HashMap<MerchantId, Rc<Flight>>>,
    ahead: RefCell<BTreeSet<MerchantId>>,
    tried: RefCell<HashMap<MerchantId, Duration>>,
    /// Whose token QuickBooks refused since it was asked.
    refused: RefCell<BTreeSet<MerchantId>>,
    last_refresh: Cell<Duration>,
    /// Whether QuickBooks is down for everyone, as it was read last, and when.
    breaker: Cell<Option<(Duration, Breaker)>>,
}

/// When an opening was read, by the uptime, and what that came to.
type Read = (Duration, Result<Known, StoreError>);

/// What was read of a merchant: a payment takes it without copying the company's lists.
#[derive(Clone, Default)]
struct Known {
    connection: Option<Rc<Connection>>,
    tokens: Option<TokenRow>,
    lot_open: bool,
}

impl From<Opening> for Known {
    fn from(opening: Opening) -> Self {
        Self {
            connection: opening.connection.map(Rc::new),
            tokens: opening.tokens,
            lot_open: opening.lot_open,
        }
    }
}

/// The renewing of one merchant's tokens by this process: one at a time, with what the last came to.
type Flight = Mutex<Option<(Duration, Landing)>>;

/// What a renewing came to, for everybody in this process who wants the same.
#[derive(Clone, Debug)]
enum Landing {
    Renewed(Box<TokenRow>),
    Waits(Reason, Option<Timestamp>),
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            openings: RefCell::default(),
            opened: RefCell::default(),
            flights: RefCell::default(),
            ahead: RefCell::default(),
            tried: RefCell::default(),
            refused: RefCell::default(),
            last_refresh: Cell::new(Duration::MAX),
            breaker: Cell::default(),
        }
    }
}

impl Remembered {
    /// Says that this invocation ends at this uptime: no refresh is begun that could be cut off.
    pub fn ends_at<W: World>(&self, world: &W, uptime: Duration) {
        let needed = world.timing().refresh.time_needed();
        self.last_refresh.set(uptime.saturating_sub(needed));
    }

    /// Reads what is not remembered of these merchants, in one batched read. What cannot be read of one of them, because a later
    /// version wrote it, keeps no other from going on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be read.
    pub async fn prepare<W: World>(
        &self,
        world: &W,
        merchants: &[MerchantId],
    ) -> Result<(), StoreError> {
        let now = world.uptime();
        // A reconnection to another company waits this out, and so does the drain of a lot that was just opened.
        let believed = world.timing().turn / 2;
        // That there is no connection is never remembered: a merchant who connects is not skipped a moment longer.
        let fresh = |(read_at, opening): &Read| {
            let is_connected = |known: &Known| known.connection.is_some();
            opening.as_ref().is_ok_and(is_connected) && now.saturating_sub(*read_at) < believed
        };
        let missing: Vec<MerchantId> = {
            let openings = self.openings.borrow();
            merchants
                .iter()
                .filter(|merchant| !openings.get(merchant).is_some_and(fresh))
                .cloned()
                .collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        self.forget_stale(now, world.timing().turn);
        // In time for a doubt to be heard of.
        let breaker = self.breaker.get();
        let ask = breaker.is_none_or(|(at, _)| now.saturating_sub(at) >= believed / 4);
        let read = world.store().openings(&missing, ask).await?;
        if let Some(breaker) = read.iter().flatten().find_map(|opening| opening.breaker) {
            self.breaker.set(Some((now, breaker)));
        }
        let read = read
            .into_iter()
            .map(|opening| (now, opening.map(Known::from)));
        self.openings
            .borrow_mut()
            .extend(missing.into_iter().zip(read));
        Ok(())
    }

    /// A merchant's connection as it was [prepared](Self::prepare), whether or not anything can be sent by it.
    pub fn connection(&self, merchant: &MerchantId) -> Option<Rc<Connection>> {
        let openings = self.openings.borrow();
        let (_, opening) = openings.get(merchant)?;
        opening.as_ref().ok()?.connection.clone()
    }

    /// A usable connection and token of a merchant, or why there is none. Read again where it was
    /// [prepared](Self::prepare) too long ago; renews the token where it has ended.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be read or the token cannot be opened.
    pub async fn open<W: World>(
        &self,
        world: &W,
        merchant: &MerchantId,
        now: Timestamp,
    ) -> Result<Result<Access, Closed>, StoreError> {
        self.open_unless(world, merchant, now, Connection::closed)
            .await
    }

    /// The same to look only: also where nothing may be written because the company and the merchant do not fit, which a look
    /// at the company may mend.
    ///
    /// # Errors
    ///
    /// [`StoreError`] as [`Self::open`].
    pub async fn open_to_look<W: World>(
        &self,
        world: &W,
        merchant: &MerchantId,
        now: Timestamp,
    ) -> Result<Result<Access, Closed>, StoreError> {
        let closed = |connection: &Connection| connection.state.closed();
        self.open_unless(world, merchant, now, closed).await
    }

    async fn open_unless<W: World>(
        &self,
        world: &W,
        merchant: &MerchantId,
        now: Timestamp,
        closed: impl Fn(&Connection) -> Option<Reason>,
    ) -> Result<Result<Access, Closed>, StoreError> {
        let read_lately =
            |(read_at, _): &Read| world.uptime().saturating_sub(*read_at) < world.timing().turn / 2;
        let is_fresh = self
            .openings
            .borrow()
            .get(merchant)
            .is_some_and(read_lately);
        if !is_fresh {
            self.prepare(world, std::slice::from_ref(merchant)).await?;
        }
        let opening = self
            .openings
            .borrow()
            .get(merchant)
            .map_or_else(|| Ok(Known::default()), |(_, known)| known.clone())?;
        let Some(mut connection) = opening.connection else {
            return Ok(Err(Closed::NotConnected));
        };
        let tokens = opening.tokens.filter(|row| belongs(row, &connection));
        if let Some(untold) = tokens.as_ref().and_then(|row| row.untold) {
            // Whoever decided it died before it was told.
            state::carry_out(world, merchant, connection.epoch, &untold).await?;
            self.forget(merchant);
            Rc::make_mut(&mut connection).state = untold.state;
        }
        if let Some(reason) = closed(&connection)
            && !self.may_be_tried(world, &connection)
        {
            return Ok(Err(Closed::Waiting(connection, reason, None)));
        }
        if let Some(opens_at) = connection.opens_at.filter(|opens_at| now < *opens_at) {
            let reason = Reason::new(ReasonCode::CompanySwitched);
            return Ok(Err(Closed::Waiting(connection, reason, Some(opens_at))));
        }
        let usable = tokens.filter(|row| match left(row, now) {
            Life::Good => true,
            Life::Soft => {
                self.ahead.borrow_mut().insert(merchant.clone());
                true
            }
            Life::Over => false,
        });
        match usable {
            Some(row) => self.using(world, connection, &row).await,
            None => {
                let is_alive = |row: &TokenRow, now| left(row, now) != Life::Over;
                self.renewed(world, connection, &is_alive).await
            }
        }
    }

    /// A new access in place of one whose token QuickBooks refused, or why there is none. Of any number of callers, one
    /// asks Intuit.
    ///
    /// # Errors
    ///
    /// [`StoreError`] as [`Self::open`].
    pub async fn reopen<W: World>(
        &self,
        world: &W,
        refused: &Access,
    ) -> Result<Result<Access, Closed>, StoreError> {
        let is_other = |row: &TokenRow, now| {
            row.generation > refused.generation && left(row, now) != Life::Over
        };
        self.renewed(world, Rc::clone(&refused.connection), &is_other)
            .await
    }

    /// Notes that QuickBooks refused a merchant's token.
    pub fn note_refused(&self, merchant: &MerchantId) {
        self.refused.borrow_mut().insert(merchant.clone());
    }

    /// Renews what QuickBooks refused since this was asked last, for somebody who stands at the page; gives whether anything was
    /// refused. Asked once more then, it answers, or the connection is known to be closed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] as [`Self::open`].
    pub async fn renew_refused<W: World>(&self, world: &W) -> Result<bool, StoreError> {
        let refused = self.refused.take();
        for merchant in &refused {
            if let Ok(access) = self.open_to_look(world, merchant, world.now()).await? {
                let _renewed_or_closed = self.reopen(world, &access).await?;
            }
        }
        Ok(!refused.is_empty())
    }

    /// Renews ahead what was found near its end, so that no payment waits for it: to be called when an invocation's
    /// work is done. Nobody is told of a failure; the old tokens go on for a while.
    pub async fn refresh_ahead<W: World>(&self, world: &W) {
        let merchants = std::mem::take(&mut *self.ahead.borrow_mut());
        for merchant in merchants {
            if world.uptime() >= self.last_refresh.get() {
                return;
            }
            let opening = self.openings.borrow().get(&merchant).cloned();
            let Some(connection) = opening.and_then(|(_, opening)| opening.ok()?.connection) else {
                continue;
            };
            let is_good = |row: &TokenRow, now| left(row, now) == Life::Good;
            match renew(world, &merchant, connection.epoch, &is_good).await {
                Ok(Renewal::Renewed(row)) => self.learn(&merchant, *row),
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(merchant.id = %merchant, error = %error, "tokens could not be renewed ahead");
                }
            }
        }
    }

    /// Whether a closed connection is tried all the same, because only writing shows that it is open again.
    fn may_be_tried<W: World>(&self, world: &W, connection: &Connection) -> bool {
        if !connection.state.may_pass() {
            return false;
        }
        let now = world.uptime();
        let mut tried = self.tried.borrow_mut();
        let since = tried
            .get(&connection.merchant)
            .map(|last| now.saturating_sub(*last));
        if since.is_none_or(|since| since >= TRIED_AGAIN) {
            tried.insert(connection.merchant.clone(), now);
            return true;
        }
        // Still the same try: a payment opens its connection more than once.
        since.is_some_and(|since| since < BELIEVED)
    }

    /// Forgets a merchant, so that the next look reads the store.
    pub fn forget(&self, merchant: &MerchantId) {
        self.openings.borrow_mut().remove(merchant);
        self.opened.borrow_mut().remove(merchant);
    }

    /// Forgets what nobody would believe any more, so that a process that comes by ever more merchants stays as small as it is.
    /// What was read in this turn, and whose tokens are being renewed or are to be, is still in somebody's hands.
    fn forget_stale(&self, now: Duration, turn: Duration) {
        let within = |time: Duration, at: Duration| now.saturating_sub(at) < time;
        let landed_lately = |flight: &Flight| {
            let last = flight.try_lock();
            last.is_some_and(|last| last.as_ref().is_some_and(|(at, _)| within(BELIEVED, *at)))
        };
        let mut flights = self.flights.borrow_mut();
        flights.retain(|_, flight| Rc::strong_count(flight) > 1 || landed_lately(flight));
        let mut ahead = self.ahead.borrow_mut();
        let mut openings = self.openings.borrow_mut();
        openings.retain(|merchant, (read_at, _)| {
            let is_ahead = ahead.contains(merchant) && within(INVOCATION_MAX, *read_at);
            within(turn, *read_at) || flights.contains_key(merchant) || is_ahead
        });
        ahead.retain(|merchant| openings.contains_key(merchant));
        let mut opened = self.opened.borrow_mut();
        opened.retain(|merchant, _| openings.contains_key(merchant));
        let mut refused = self.refused.borrow_mut();
        refused.retain(|merchant| openings.contains_key(merchant));
        let mut tried = self.tried.borrow_mut();
        tried.retain(|_, at| within(TRIED_AGAIN, *at));
    }

    /// Renews a connection's token, once for everybody in this process who wants it.
    async fn renewed<W: World>(
        &self,
        world: &W,
        connection: Rc<Connection>,
        is_enough: &dyn Fn(&TokenRow, Timestamp) -> bool,
    ) -> Result<Result<Access, Closed>, StoreError> {
        let merchant = &connection.merchant;
        let flight = {
            let mut flights = self.flights.borrow_mut();
            Rc::clone(flights.entry(merchant.clone()).or_default())
        };
        let mut last = flight.lock().await;
        let believed = last.as_ref().filter(|(landed, landing)| {
            let recent = world.uptime().saturating_sub(*landed) < BELIEVED;
            recent
                && match landing {
                    Landing::Renewed(row) => {
                        belongs(row, &connection) && is_enough(row, world.now())
                    }
                    Landing::Waits(..) => true,
                }
        });
        let landing = match believed {
            Some((_, landing)) => landing.clone(),
            None => {
                let landing = self.fly(world, &connection, is_enough).await?;
                *last = Some((world.uptime(), landing.clone()));
                landing
            }
        };
        drop(last);
        match landing {
            Landing::Renewed(row) => self.using(world, connection, &row).await,
            Landing::Waits(reason, due) => Ok(Err(Closed::Waiting(connection, reason, due))),
        }
    }

    async fn fly<W: World>(
        &self,
        world: &W,
        connection: &Connection,
        is_enough: &dyn Fn(&TokenRow, Timestamp) -> bool,
    ) -> Result<Landing, StoreError> {
        let merchant = &connection.merchant;
        let refreshing = |due| Landing::Waits(Reason::new(ReasonCode::TokenRefreshing), Some(due));
        let patient_until = world.uptime() + PATIENCE;
        loop {
            if world.uptime() >= self.last_refresh.get() {
                return Ok(refreshing(world.now()));
            }
            match renew(world, merchant, connection.epoch, is_enough).await? {
                Renewal::Renewed(row) => {
                    self.learn(merchant, (*row).clone());
                    return Ok(Landing::Renewed(row));
                }
                Renewal::Theirs(until) if world.uptime() >= patient_until => {
                    return Ok(refreshing(until));
                }
                Renewal::Theirs(_) => {
                    let jitter = u64::from(world.random()[0]) * 800 / 255;
                    world.sleep(Duration::from_millis(200 + jitter)).await;
                }
                Renewal::Resting(until) => return Ok(refreshing(until)),
                // The connection was made anew since it was read: the next look sees that.
                Renewal::Gone => {
                    self.forget(merchant);
                    return Ok(refreshing(world.now()));
                }
                Renewal::Denied(denial) => {
                    let state = ConnectionState::ReconnectNeeded(denial);
                    let (epoch, from) = (connection.epoch, connection.state);
                    state::change(world, merchant, epoch, Some(from), state).await?;
                    self.forget(merchant);
                    return Ok(Landing::Waits(denial.reason(), None));
                }
            }
        }
    }

    /// The access token in a row, opened once.
    async fn token<W: World>(
        &self,
        world: &W,
        merchant: &MerchantId,
        row: &TokenRow,
    ) -> Result<SecretString, StoreError> {
        let access = row.access.as_ref();
        let sealed = access.map_or(&[][..], |access| &access.token);
        if let Some((opened, token)) = self.opened.borrow().get(merchant)
            && opened == sealed
        {
            return Ok(token.clone());
        }
        let context = access_context(merchant, &row.realm);
        let token = open(world, sealed, &context).await?;
        let opened = (sealed.to_vec(), token.clone());
        self.opened.borrow_mut().insert(merchant.clone(), opened);
        Ok(token)
    }

    fn learn(&self, merchant: &MerchantId, row: TokenRow) {
        if let Some((_, Ok(opening))) = self.openings.borrow_mut().get_mut(merchant) {
            opening.tokens = Some(row);
        }
    }

    async fn using<W: World>(
        &self,
        world: &W,
        connection: Rc<Connection>,
        row: &TokenRow,
    ) -> Result<Result<Access, Closed>, StoreError> {
        let token = self.token(world, &connection.merchant, row).await?;
        let openings = self.openings.borrow();
        let opening = openings.get(&connection.merchant);
        Ok(Ok(Access {
            lot_open: opening
                .is_some_and(|(_, opening)| opening.as_ref().is_ok_and(|opening| opening.lot_open)),
            breaker: self.breaker.get().map(|(_, it)| it).unwrap_or_default(),
            connection,
            token,
            refusals: row.refusals,
            generation: row.generation,
        }))
    }
}

/// Whether these tokens are this connection's: between the tokens and the connection of a reconnecting, they are not.
fn belongs(row: &TokenRow, connection: &Connection) -> bool {
    row.epoch == connection.epoch && row.realm == connection.company.realm
}

/// How much of a row's access token is left.
fn left(row: &TokenRow, now: Timestamp) -> Life {
    let access = row.access.as_ref();
    access.map_or(Life::Over, |access| life(access.expires_at, now))
}

/// Reads a merchant's tokens of one epoch, past what is remembered.
async fn read<W: World>(
    world: &W,
    merchant: &MerchantId,
    epoch: u64,
) -> Result<Option<TokenRow>, StoreError> {
    world.store().tokens(merchant, epoch).await
}
