//! Frame: what every page of the operator's stands in.

use bookkeeping::transaction::Language;
use common::locales::say;
use common::web::Request;
use common::web::response::STYLE;
use common::web::session::Session;
use common::world::World;

use crate::stopped::closing;

/// The pages an operator goes back and forth between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// How it stands.
    Home,
    /// Every transaction.
    Activity,
    /// The tax map.
    Taxes,
    /// The choices.
    Settings,
}

impl Tab {
    /// All of them, in the order they are shown in.
    pub const ALL: [Self; 4] = [Self::Home, Self::Activity, Self::Taxes, Self::Settings];

    /// Where it is.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Home => "/quickbooks",
            Self::Activity => "/quickbooks/activity",
            Self::Taxes => "/quickbooks/taxes",
            Self::Settings => "/quickbooks/settings",
        }
    }

    /// The message its name stands under.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Home => "tab-home",
            Self::Activity => "tab-activity",
            Self::Taxes => "tab-taxes",
            Self::Settings => "tab-settings",
        }
    }
}

/// What a page needs whatever it shows.
pub struct Frame<'a> {
    /// The language it is written in.
    pub language: Language,
    /// The stylesheet.
    pub style: &'static str,
    /// The merchant's name.
    pub merchant: &'a str,
    /// Which page it is.
    pub here: Tab,
    /// What the operator's last click came to; empty where there was none.
    pub done: String,
    /// Why the operator's last click came to nothing; empty where it did not.
    pub undone: String,
    /// Whether the operator may change anything.
    pub may_change: bool,
    /// The token forms bring along.
    pub csrf: String,
    /// MioCommerce's article on QuickBooks (R30).
    pub help_url: String,
}

impl<'a> Frame<'a> {
    /// The frame of a page, with what the operator's last click came to.
    #[must_use]
    pub fn of<W: World>(world: &W, session: &'a Session, here: Tab, request: &Request) -> Self {
        let language = session.language;
        let outcome = |kind: &str| {
            // Only what we redirect to ourselves has a message; anybody can write anything into an address.
            let name = request.query(kind).filter(|name| name.len() < 40)?;
            Some(say(language, &format!("{kind}-{name}"), None, &[]))
        };
        let undone = outcome("undone").map(|said| match said.is_empty() {
            true => closing(request.query("undone").unwrap_or_default(), language),
            false => said,
        });
        Self {
            language,
            style: STYLE,
            merchant: &session.merchant_name,
            here,
            done: outcome("done").unwrap_or_default(),
            undone: undone.unwrap_or_default(),
            may_change: session.may_change(),
            csrf: session.csrf(),
            help_url: world.help_url().to_owned(),
        }
    }

    /// The words of a message.
    #[must_use]
    pub fn say(&self, message: &str) -> String {
        say(self.language, message, None, &[])
    }

    /// The words of a message with its figures filled in.
    #[must_use]
    pub fn say_with(&self, message: &str, figures: &[(&str, &str)]) -> String {
        say(self.language, message, None, figures)
    }
}
