//! Grants: what merchants have allowed, and the tokens that prove it.
//!
//! Sources: Intuit's OAuth 2.0 page and FAQ; the developer blog of 2025-11-12 for the five-year limit. Access tokens live an
//! hour; a refresh token 100 days from its last use and five years from the first authorization; its value changes at the
//! first refresh after 24 hours.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::random::Random;
use crate::switches::{ConcurrentRefresh, OldRefreshToken, Switches};

/// Life of an access token, in seconds.
pub(crate) const ACCESS_SECONDS: i64 = 3600;
/// Life of a refresh token from its last use, in seconds: 100 days.
pub(crate) const REFRESH_SECONDS: i64 = 8_640_000;
/// Life of a grant from the first authorization, in seconds: five years.
pub(crate) const GRANT_SECONDS: i64 = 157_680_000;
/// Life of an authorization code, in seconds. "Short-lived" is all that is known.
const CODE_SECONDS: i64 = 600;
/// How long an old refresh token goes on working where there is a grace period, in hours.
const GRACE_HOURS: i64 = 24;

/// Tokens as they are handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
    /// The company they are for.
    pub realm: String,
    /// The scopes, separated by spaces.
    pub scope: String,
    /// Seconds the refresh token lives if it is not used.
    pub refresh_expires_in: i64,
    /// Seconds until the grant ends for good.
    pub hard_expires_in: i64,
}

#[derive(Clone, Debug)]
struct Grant {
    realm: String,
    scope: String,
    first_authorized: Timestamp,
    refresh: String,
    /// When the current value was issued.
    issued: Timestamp,
    /// When the current value was last used.
    used: Timestamp,
    /// Old values with the moment each was replaced.
    previous: Vec<(String, Timestamp)>,
    /// Until when the answer to the last refresh is under way.
    answering_until: Timestamp,
    revoked: bool,
}

#[derive(Clone, Debug)]
struct Code {
    realm: String,
    scope: String,
    redirect_uri: String,
    issued: Timestamp,
    /// The grant it gave.
    grant: Option<usize>,
}

/// Why an access token does not open a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such token.
    Unknown,
    /// Its hour is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// It is another company's.
    WrongRealm,
    /// It lacks the scope.
    Scope,
}

/// All grants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    grants: Vec<Grant>,
    access: HashMap<String, (usize, Timestamp)>,
    refresh: HashMap<String, usize>,
    codes: HashMap<String, Code>,
}

impl Grants {
    /// A new authorization code.
    pub fn code(
        &mut self,
        realm: &str,
        scope: &str,
        redirect_uri: &str,
        now: Timestamp,
        random: &mut Random,
    ) -> String {
        let value = format!("AB1{}", random.word(47));
        let code = Code {
            realm: realm.to_owned(),
            scope: scope.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            issued: now,
            grant: None,
        };
        self.codes.insert(value.clone(), code);
        value
    }

    /// Tokens for a code, which is used up by that; a second use gives nothing and may kill what the first gave.
    pub fn exchange(
        &mut self,
        code: &str,
        redirect_uri: &str,
        now: Timestamp,
        random: &mut Random,
        kill: bool,
    ) -> Option<Tokens> {
        let known = self.codes.get(code)?.clone();
        if let Some(grant) = known.grant {
            self.grants[grant].revoked |= kill;
            return None;
        }
        let fresh = now <= known.issued + SignedDuration::from_secs(CODE_SECONDS);
        if !fresh || known.redirect_uri != redirect_uri {
            return None;
        }
        let grant = self.grants.len();
        if let Some(code) = self.codes.get_mut(code) {
            code.grant = Some(grant);
        }
        Some(self.connect(&known.realm, &known.scope, now, random))
    }

    /// A new grant and its first tokens.
    pub fn connect(
        &mut self,
        realm: &str,
        scope: &str,
        now: Timestamp,
        random: &mut Random,
    ) -> Tokens {
        let refresh = new_refresh(now, random);
        let grant = self.grants.len();
        self.refresh.insert(refresh.clone(), grant);
        self.grants.push(Grant {
            realm: realm.to_owned(),
            scope: scope.to_owned(),
            first_authorized: now,
            refresh,
            issued: now,
            used: now,
            previous: Vec::new(),
            answering_until: now,
            revoked: false,
        });
        self.hand_out(grant, now, random)
    }

    fn hand_out(&mut self, place: usize, now: Timestamp, random: &mut Random) -> Tokens {
        let access = format!(
            "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..{}",
            random.word(64)
        );
        self.access.insert(
            access.clone(),
            (place, now + SignedDuration::from_secs(ACCESS_SECONDS)),
        );
        let grant = &self.grants[place];
        let hard = grant.first_authorized + SignedDuration::from_secs(GRANT_SECONDS);
        Tokens {
            access,
            refresh: grant.refresh.clone(),
            realm: grant.realm.clone(),
            scope: grant.scope.clone(),
            refresh_expires_in: REFRESH_SECONDS,
            hard_expires_in: hard.duration_since(now).as_secs(),
        }
    }

    /// The company a code is for, used or not.
    pub fn realm_of_code(&self, code: &str) -> Option<&str> {
        self.codes.get(code).map(|code| code.realm.as_str())
    }

    /// The company a refresh token is for, current or old.
    pub fn realm_of_refresh(&self, refresh: &str) -> Option<&str> {
        self.refresh
            .get(refresh)
            .map(|place| self.grants[*place].realm.as_str())
    }

    /// New tokens for a refresh token, or nothing: `invalid_grant`.
    pub fn refresh(
        &mut self,
        value: &str,
        now: Timestamp,
        switches: &Switches,
        random: &mut Random,
    ) -> Option<Tokens> {
        let place = *self.refresh.get(value)?;
        let grant = &mut self.grants[place];
        let expired = now > grant.used + SignedDuration::from_secs(REFRESH_SECONDS)
            || now > grant.first_authorized + SignedDuration::from_secs(GRANT_SECONDS);
        if grant.revoked || expired {
            return None;
        }
        if grant.refresh != value {
            let replaced = grant
                .previous
                .iter()
                .find(|(old, _)| old == value)
                .map(|(_, at)| *at)?;
            return match switches.old_refresh_token {
                OldRefreshToken::Grace
                    if now <= replaced + SignedDuration::from_hours(GRACE_HOURS) =>
                {
                    Some(self.hand_out(place, now, random))
                }
                OldRefreshToken::Revoke => {
                    grant.revoked = true;
                    None
                }
                OldRefreshToken::Refuse | OldRefreshToken::Grace => None,
            };
        }
        if now < grant.answering_until {
            match switches.concurrent_refresh {
                ConcurrentRefresh::Allow => {}
                ConcurrentRefresh::Refuse => return None,
                ConcurrentRefresh::Revoke => {
                    grant.revoked = true;
                    return None;
                }
            }
        }
        if now >= grant.issued + SignedDuration::from_hours(i64::from(switches.rotate_after_hours))
        {
            let fresh = new_refresh(now, random);
            let old = std::mem::replace(&mut grant.refresh, fresh.clone());
            grant.previous.push((old, now));
            grant.issued = now;
            self.refresh.insert(fresh, place);
        }
        self.grants[place].used = now;
        Some(self.hand_out(place, now, random))
    }

    /// Remembers that the answer to a refresh is under way until then.
    pub fn answering(&mut self, refresh: &str, until: Timestamp) {
        if let Some(place) = self.refresh.get(refresh) {
            self.grants[*place].answering_until = until;
        }
    }

    /// Revokes by either token; both end the app's whole connection to the company. False if there is nothing to revoke.
    pub fn revoke(&mut self, token: &str) -> bool {
        let place = self
            .refresh
            .get(token)
            .or_else(|| self.access.get(token).map(|(place, _)| place));
        let Some(realm) = place
            .filter(|place| !self.grants[**place].revoked)
            .map(|place| self.grants[*place].realm.clone())
        else {
            return false;
        };
        self.revoke_realm(&realm);
        true
    }

    /// Revokes everything of a company, as a merchant does who disconnects.
    pub fn revoke_realm(&mut self, realm: &str) {
        for grant in self.grants.iter_mut().filter(|grant| grant.realm == realm) {
            grant.revoked = true;
        }
    }

    /// Whether an access token opens a company with a scope; `None` for any company.
    pub fn admits(
        &self,
        access: &str,
        realm: Option<&str>,
        scope: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let (place, expires) = self.access.get(access).ok_or(Refusal::Unknown)?;
        let grant = &self.grants[*place];
        if grant.revoked {
            Err(Refusal::Revoked)
        } else if now >= *expires {
            Err(Refusal::Expired)
        } else if realm.is_some_and(|realm| realm != grant.realm) {
            Err(Refusal::WrongRealm)
        } else if !grant.scope.split_whitespace().any(|own| own == scope) {
            Err(Refusal::Scope)
        } else {
            Ok(())
        }
    }

    /// The refresh token of a company's last consent that works now, if one does: an older consent may live on, and is nobody's.
    pub fn current_refresh(&self, realm: &str) -> Option<&str> {
        self.grants
            .iter()
            .rev()
            .find(|grant| grant.realm == realm)
            .filter(|grant| !grant.revoked)
            .map(|grant| grant.refresh.as_str())
    }
}

fn new_refresh(now: Timestamp, random: &mut Random) -> String {
    format!(
        "RT1-{}-H0-{}{}",
        random.number() % 90 + 10,
        now.as_second() + REFRESH_SECONDS,
        random.word(20)
    )
}
