//! The gate: consent, tokens and revocation, with the trouble that was asked for.

use jiff::Timestamp;

use crate::intuit::Intuit;
use crate::message::{Reply, Request};
use crate::mishap::{befall, duration, instead, signed};
use crate::oauth::{self, Grant};

impl Intuit {
    /// The merchant's click on the consent page.
    pub(crate) fn consent(&mut self, now: Timestamp, request: &Request) -> Reply {
        let form = crate::message::read_form(&String::from_utf8_lossy(&request.body));
        let asked = match oauth::asked(&self.app, &form) {
            Ok(asked) => asked,
            Err(reply) => return reply,
        };
        let realm = form
            .iter()
            .find(|(name, _)| name == "realmId")
            .map(|(_, value)| value.clone())
            .unwrap_or_default();
        if realm.is_empty() || form.iter().any(|(name, _)| name == "cancel") {
            return oauth::back(
                &asked.redirect_uri,
                &[("error", "access_denied"), ("state", &asked.state)],
            );
        }
        if !self.companies.contains_key(&realm) {
            return Reply::new(400, "text/plain", "there is no such company");
        }
        let code = self.grants.code(
            &realm,
            &asked.scope,
            &asked.redirect_uri,
            now,
            &mut self.random,
        );
        oauth::back(
            &asked.redirect_uri,
            &[
                ("code", &code),
                ("state", &asked.state),
                ("realmId", &realm),
            ],
        )
    }

    /// The token endpoint. `late` says that the client has gone, so that no trouble befalls it any more.
    pub(crate) fn token(&mut self, now: Timestamp, request: &Request, late: bool) -> Reply {
        let grant = match oauth::token_request(&self.app, request, self.invalid_client_status()) {
            Ok(grant) => grant,
            Err(reply) => return reply,
        };
        let (operation, realm) = match &grant {
            Grant::Code(code, _) => (
                "oauth.exchange",
                self.grants.realm_of_code(code).map(str::to_owned),
            ),
            Grant::Refresh(token) => (
                "oauth.refresh",
                self.grants.realm_of_refresh(token).map(str::to_owned),
            ),
        };
        let trouble = if late {
            None
        } else {
            self.troubles.take(realm.as_deref(), operation, None, now)
        };
        if let Some(reply) = trouble.as_ref().and_then(|trouble| instead(trouble, now)) {
            return reply;
        }
        let switches = realm
            .as_ref()
            .and_then(|realm| self.companies.get(realm))
            .map(|company| company.switches.clone())
            .unwrap_or_default();
        let tokens = match &grant {
            Grant::Code(code, redirect_uri) => self.grants.exchange(
                code,
                redirect_uri,
                now,
                &mut self.random,
                switches.code_reuse_revokes,
            ),
            Grant::Refresh(token) => self.grants.refresh(token, now, &switches, &mut self.random),
        };
        let mut reply = tokens.as_ref().map_or_else(oauth::invalid_grant, |tokens| {
            let tells_hard_expiry = match &grant {
                Grant::Code(..) => true,
                Grant::Refresh(_) => switches.refresh_tells_hard_expiry,
            };
            oauth::token_answer(tokens, request, tells_hard_expiry)
        });
        befall(
            &mut reply,
            trouble.as_ref(),
            switches.latency_milliseconds,
            now,
        );
        if let Some(tokens) = &tokens {
            self.grants
                .answering(&tokens.refresh, now + signed(duration(reply.delivery)));
        }
        reply
    }

    /// The revocation endpoint.
    pub(crate) fn revoke(&mut self, now: Timestamp, request: &Request) -> Reply {
        let trouble = self.troubles.take(None, "oauth.revoke", None, now);
        if let Some(reply) = trouble.as_ref().and_then(|trouble| instead(trouble, now)) {
            return reply;
        }
        let status = self.invalid_client_status();
        let mut reply = oauth::revoke(&self.app, &mut self.grants, request, status);
        befall(&mut reply, trouble.as_ref(), 0, now);
        reply
    }

    /// The status of `invalid_client`, which is the app's and no company's: the switch of the first company.
    fn invalid_client_status(&self) -> u16 {
        let first = self
            .companies
            .values()
            .min_by(|left, right| left.realm.cmp(&right.realm));
        first.map_or(401, |company| company.switches.invalid_client_status)
    }
}
