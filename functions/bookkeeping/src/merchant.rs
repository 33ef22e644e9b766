//! What is known of a merchant itself: from launch tokens, and from MioCommerce's messages where it sends them.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{MerchantId, OperatorId};
use crate::later::Later;
use crate::money::Currency;
use crate::transaction::{Administrator, Language, Merchant};

/// A merchant's profile, as of a moment; the newer one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantProfile {
    /// Whose.
    pub merchant: MerchantId,
    /// When MioCommerce said so: a launch token's `iat`, a message's `sent_at`.
    pub as_of: Timestamp,
    /// The name of the business.
    pub name: String,
    /// Country, two capitals of ISO 3166.
    pub country: String,
    /// The currency it sells in.
    pub currency: Currency,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Whether its plan includes the app.
    pub entitled: bool,
    /// Who administers it, as far as we know.
    #[serde(default)]
    pub administrators: BTreeMap<OperatorId, Addressee>,
    /// When operators last opened the app, and so said themselves what they are: since the last list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub opened: BTreeMap<OperatorId, Timestamp>,
    /// When MioCommerce last listed the administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<Timestamp>,
    /// The greatest version of a message about it.
    #[serde(default)]
    pub version: u64,
    /// What a later version wrote of it.
    #[serde(flatten)]
    pub later: Later,
    /// Raised by every write; what was read at another one is not written over.
    #[serde(skip)]
    pub revision: u64,
}

/// Somebody who can be written to. Debug prints nothing of a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// The language they read.
    pub language: Language,
}

impl fmt::Debug for Addressee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Addressee({:?})", self.language)
    }
}

impl MerchantProfile {
    /// The profile after an operator opened the app: `self` is what the launch says of the merchant, `administrator` how to
    /// write to the operator, none where they only look on. What is known already is kept where it is newer.
    #[must_use]
    pub fn launched(
        self,
        operator: &OperatorId,
        administrator: Option<Addressee>,
        known: Option<&Self>,
    ) -> Self {
        let at = self.as_of;
        let mut profile = match known {
            None => self,
            Some(known) if at < known.as_of => known.clone(),
            Some(known) => Self {
                administrators: known.administrators.clone(),
                opened: known.opened.clone(),
                listed_at: known.listed_at,
                version: known.version,
                later: known.later.clone(),
                revision: known.revision,
                ..self
            },
        };
        let opened_later = profile
            .opened
            .get(operator)
            .is_some_and(|known| at < *known);
        let listed_later = profile.listed_at.is_some_and(|listed_at| at < listed_at);
        if opened_later || listed_later {
            return profile;
        }
        profile.opened.insert(operator.clone(), at);
        match administrator {
            Some(addressee) => profile.administrators.insert(operator.clone(), addressee),
            None => profile.administrators.remove(operator),
        };
        profile
    }

    /// The profile after a message of MioCommerce's; none where nothing was known and it does not tell enough.
    ///
    /// Of each operator the newer word counts: the message's list, or their own opening of the app. Who is not listed
    /// administers it no more.
    #[must_use]
    pub fn updated(
        known: Option<&Self>,
        id: &MerchantId,
        sent_at: Timestamp,
        message: &Merchant,
    ) -> Option<Self> {
        let mut profile = match known {
            Some(known) => known.clone(),
            None => Self::begun(id, sent_at, message)?,
        };
        if message.version < profile.version {
            return Some(profile);
        }
        profile.version = message.version;
        if profile.as_of <= sent_at {
            profile.take_over(sent_at, message);
        }
        if let Some(list) = &message.administrators
            && profile.listed_at.is_none_or(|at| at <= sent_at)
        {
            profile.list(list, sent_at, message.language);
        }
        Some(profile)
    }

    fn begun(id: &MerchantId, as_of: Timestamp, message: &Merchant) -> Option<Self> {
        Some(Self {
            merchant: id.clone(),
            as_of,
            name: message.name.clone()?,
            country: message.country.clone()?,
            currency: message.currency?,
            time_zone: message.time_zone.as_ref()?.iana_name()?.to_owned(),
            entitled: message.entitled?,
            administrators: BTreeMap::new(),
            opened: BTreeMap::new(),
            listed_at: None,
            version: 0,
            later: Later::default(),
            revision: 0,
        })
    }

    fn take_over(&mut self, sent_at: Timestamp, message: &Merchant) {
        self.as_of = sent_at;
        let zone = message.time_zone.as_ref().and_then(|zone| zone.iana_name());
        let texts = [
            (&mut self.name, message.name.as_deref()),
            (&mut self.country, message.country.as_deref()),
            (&mut self.time_zone, zone),
        ];
        for (known, told) in texts {
            if let Some(told) = told {
                told.clone_into(known);
            }
        }
        self.currency = message.currency.unwrap_or(self.currency);
        self.entitled = message.entitled.unwrap_or(self.entitled);
    }

    fn list(&mut self, list: &[Administrator], sent_at: Timestamp, language: Option<Language>) {
        self.listed_at = Some(sent_at);
        self.opened.retain(|_, at| sent_at < *at);
        let before = std::mem::take(&mut self.administrators);
        for operator in list {
            // Without an address nobody can be written to.
            let Some(email) = &operator.email else {
                continue;
            };
            let known = before.get(&operator.id);
            let addressee = Addressee {
                name: operator.name.clone().unwrap_or_default(),
                email: email.clone(),
                language: operator
                    .language
                    .or(known.map(|known| known.language))
                    .or(language)
                    .unwrap_or(Language::English),
            };
            self.administrators.insert(operator.id.clone(), addressee);
        }
        for id in self.opened.keys() {
            match before.get(id) {
                Some(addressee) => self.administrators.insert(id.clone(), addressee.clone()),
                None => self.administrators.remove(id),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + minute * 60).unwrap()
    }

    fn id(id: &str) -> OperatorId {
        OperatorId::parse(id).unwrap()
    }

    fn merchant() -> MerchantId {
        MerchantId::parse("mer_4fz9").unwrap()
    }

    fn of(version: u64, administrators: &[&str]) -> Merchant {
        let administrators = administrators.iter().map(|name| Administrator {
            id: id(name),
            name: None,
            email: Some(format!("{name}@example.com")),
            language: None,
        });
        Merchant {
            version,
            name: Some("Entretien Aline".to_owned()),
            country: Some("CA".to_owned()),
            region: None,
            currency: Some(Currency::CAD),
            time_zone: Some(jiff::tz::TimeZone::get("America/Toronto").unwrap()),
            language: Some(Language::French),
            entitled: Some(true),
            administrators: Some(administrators.collect()),
            taxes: None,
            tax_sets: None,
            services: None,
        }
    }

    fn launch(
        known: &MerchantProfile,
        minute: i64,
        operator: &str,
        may_change: bool,
    ) -> MerchantProfile {
        let said = MerchantProfile {
            as_of: at(minute),
            administrators: BTreeMap::new(),
            ..known.clone()
        };
        let addressee = may_change.then(|| Addressee {
            name: operator.to_owned(),
            email: format!("{operator}@example.com"),
            language: Language::English,
        });
        said.launched(&id(operator), addressee, Some(known))
    }

    fn message(
        known: Option<&MerchantProfile>,
        minute: i64,
        message: &Merchant,
    ) -> MerchantProfile {
        MerchantProfile::updated(known, &merchant(), at(minute), message).expect("it tells enough")
    }

    fn administrators(profile: &MerchantProfile) -> Vec<&str> {
        profile
            .administrators
            .keys()
            .map(OperatorId::as_str)
            .collect()
    }

    #[test]
    fn a_list_removes_who_is_not_on_it_and_an_operator_who_only_looks_on_is_no_reader() {
        let profile = message(None, 0, &of(1, &["anna", "sam"]));
        assert_eq!(administrators(&profile), ["anna", "sam"]);
        assert_eq!(
            profile.administrators[&id("anna")].language,
            Language::French
        );
        let profile = message(Some(&profile), 1, &of(2, &["anna"]));
        assert_eq!(administrators(&profile), ["anna"]);
        let profile = launch(&profile, 2, "anna", false);
        assert!(administrators(&profile).is_empty());
        let profile = launch(&profile, 3, "anna", true);
        assert_eq!(administrators(&profile), ["anna"]);
    }

    #[test]
    fn of_a_list_and_an_opening_of_the_app_the_newer_counts_whichever_comes_first() {
        let begun = message(None, 0, &of(1, &["anna", "sam"]));
        // Listed at minute 5: Anna and Chloé. Sam opens the app as an administrator at 6, Anna as a viewer at 7, Chloé at 4.
        let list = of(2, &["anna", "chloe"]);
        let opened = |known: &MerchantProfile| {
            let known = launch(known, 4, "chloe", false);
            let known = launch(&known, 6, "sam", true);
            launch(&known, 7, "anna", false)
        };
        let last = message(Some(&opened(&begun)), 5, &list);
        let first = opened(&message(Some(&begun), 5, &list));
        for profile in [&last, &first] {
            assert_eq!(administrators(profile), ["chloe", "sam"]);
            assert_eq!(profile.as_of, at(7));
        }
    }

    #[test]
    fn an_older_message_changes_nothing_and_what_is_not_told_stays() {
        let known = message(None, 5, &of(3, &["anna"]));
        assert_eq!(message(Some(&known), 9, &of(2, &["sam"])), known);
        let late = message(
            Some(&known),
            4,
            &Merchant {
                entitled: Some(false),
                ..of(4, &["sam"])
            },
        );
        assert_eq!((administrators(&late), late.entitled), (vec!["anna"], true));
        let silent = Merchant {
            name: None,
            entitled: None,
            administrators: None,
            ..of(5, &[])
        };
        let same = message(Some(&known), 6, &silent);
        assert_eq!(
            (same.name.as_str(), administrators(&same)),
            ("Entretien Aline", vec!["anna"])
        );
        assert!(MerchantProfile::updated(None, &merchant(), at(0), &silent).is_none());
    }
}
