//! Notices: pages that say one thing, with one button beside it.
//!
//! A closed list. What each says stands in `locales/pages.*.ftl` under its code: the heading, `.text` with what
//! happened and what it means, `.button` where there is one.

use askama::Template;
use bookkeeping::transaction::Language;

use super::Response;
use super::response::STYLE;
use crate::locales::say;

macro_rules! notices {
    ($($(#[$doc:meta])* $variant:ident = $code:literal => $status:literal, $leads:ident;)*) => {
        /// What a page says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Notice { $($(#[$doc])* $variant,)* }

        impl Notice {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code its words stand under.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            fn leads(self) -> Leads {
                match self { $(Self::$variant => Leads::$leads,)* }
            }
        }
    };
}

/// Where a notice's button leads.
#[derive(Clone, Copy)]
enum Leads {
    /// To the App Market, where the app is opened.
    Market,
    /// To Intuit once more.
    Again,
    /// To finish what consent began.
    Finish,
    /// To a fresh start with another company, after an explicit yes.
    FreshStart,
    /// To the operator's page.
    Home,
}

notices! {
    /// The launch token is not genuine.
    LaunchNotGenuine = "launch-not-genuine" => 403, Market;
    /// The launch token's time is over.
    LaunchExpired = "launch-expired" => 403, Market;
    /// The launch token was used before.
    LaunchUsed = "launch-used" => 403, Market;
    /// A viewer asked for a change.
    ViewerOnly = "viewer-only" => 403, Home;
    /// The plan does not include the app.
    PlanNeeded = "plan-needed" => 403, Market;
    /// The operator pressed Cancel at Intuit.
    Cancelled = "cancelled" => 200, Again;
    /// Intuit sent the browser back with an error.
    IntuitError = "intuit-error" => 502, Again;
    /// The callback names no attempt that is under way: forged, used, or too old.
    AttemptUnknown = "attempt-unknown" => 403, Market;
    /// The callback lacks the code or the company, or they are malformed.
    CallbackIncomplete = "callback-incomplete" => 400, Again;
    /// Intuit did not take the code.
    CodeRefused = "code-refused" => 502, Again;
    /// Intuit did not take our app's own credentials: the developers' to mend.
    AppRefused = "app-refused" => 502, Home;
    /// QuickBooks did not answer, and nothing was changed.
    QuickBooksSilent = "quickbooks-silent" => 502, Again;
    /// QuickBooks gave consent but did not answer since; what it gave is kept.
    Unfinished = "unfinished" => 502, Finish;
    /// The tokens do not open the company the callback named.
    CompanyNotProven = "company-not-proven" => 403, Again;
    /// The company is connected for another merchant.
    CompanyTaken = "company-taken" => 409, Again;
    /// Another company than the one connected before.
    CompanyDiffers = "company-differs" => 409, FreshStart;
    /// Somebody connected at the same time.
    Overtaken = "overtaken" => 409, Home;
    /// Disconnected here, but Intuit could not be told.
    RevocationPending = "revocation-pending" => 502, Home;
    /// Intuit says the company was disconnected there: it is being checked.
    Checking = "checking" => 200, Market;
    /// A reader gets no more reminders.
    Unsubscribed = "unsubscribed" => 200, Market;
    /// A link to stop reminders that is not one of ours.
    UnsubscribeUnknown = "unsubscribe-unknown" => 404, Market;
    /// No session, or one that is over.
    SessionOver = "session-over" => 401, Market;
    /// A form without its token.
    FormStale = "form-stale" => 403, Home;
    /// No such page.
    NotFound = "not-found" => 404, Home;
    /// Asked for in a way this address does not have.
    MethodNotAllowed = "method-not-allowed" => 405, Home;
    /// The store is not to be had.
    Sorry = "sorry" => 503, Home;
}

/// Where the buttons of pages lead.
#[derive(Clone, Copy)]
pub struct Links<'a> {
    /// The App Market.
    pub app_market_url: &'a str,
    /// The token forms of this session bring along; none without a session.
    pub csrf: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Page<'a> {
    language: Language,
    style: &'static str,
    heading: String,
    text: String,
    button: String,
    /// What most would rather do than press the button, where that cannot be undone: to Intuit once more; empty where it can.
    instead: String,
    leave: String,
    href: &'a str,
    action: &'a str,
    csrf: &'a str,
    fields: &'a [(&'a str, &'a str)],
}

impl Notice {
    /// The page. `figures` fill in its words; `fields` go along with its form, where it has one.
    #[must_use]
    pub fn page(
        self,
        language: Language,
        links: Links<'_>,
        figures: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Response {
        let words = |attribute| say(language, self.code(), attribute, figures);
        // What needs a session leads to the App Market where there is none.
        let (href, action) = match (self.leads(), links.csrf) {
            (Leads::Again, Some(_)) => ("/quickbooks/reconnect", ""),
            (Leads::Home, Some(_)) => ("/quickbooks", ""),
            (Leads::Finish, Some(_)) => ("", "/quickbooks/finish"),
            (Leads::FreshStart, Some(_)) => ("", "/quickbooks/fresh-start"),
            _ => (links.app_market_url, ""),
        };
        let button = match (self.leads(), links.csrf) {
            (Leads::Market, _) | (_, Some(_)) => words(Some("button")),
            (_, None) => say(language, "to-the-market", None, &[]),
        };
        let instead = match self.leads() {
            Leads::FreshStart => words(Some("instead")),
            _ => String::new(),
        };
        let page = Page {
            language,
            style: STYLE,
            heading: words(None),
            text: words(Some("text")),
            button,
            instead,
            leave: say(language, "leave-it", None, &[]),
            href,
            action,
            csrf: links.csrf.unwrap_or_default(),
            fields,
        };
        Response::page(
            self.status(),
            page.render().expect("writing to memory does not fail"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_has_a_heading_a_text_and_a_button_in_both_languages() {
        for language in [Language::English, Language::French] {
            for notice in Notice::ALL {
                for attribute in [None, Some("text"), Some("button")] {
                    let said = say(language, notice.code(), attribute, &[]);
                    assert!(!said.is_empty(), "{notice:?} {attribute:?} in {language:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_filled_into_a_page_is_text_and_never_markup() {
        let links = Links {
            app_market_url: "https://market",
            csrf: Some("t"),
        };
        let figures = [("old", "<b>Old & Co</b>"), ("new", "New")];
        let page = Notice::CompanyDiffers.page(Language::English, links, &figures, &[]);
        assert!(!page.body.contains("<b>"), "{}", page.body);
        assert!(page.body.contains("Old"), "{}", page.body);
        assert_eq!(page.status, 409);
    }

    #[test]
    fn what_cannot_be_undone_is_not_the_first_thing_to_press() {
        let links = Links {
            app_market_url: "https://market",
            csrf: Some("t"),
        };
        let figures = [("old", "Old"), ("new", "New")];
        let differs = Notice::CompanyDiffers.page(Language::English, links, &figures, &[]);
        let (instead, form) = differs.body.split_once("<form").expect("a form");
        assert!(
            instead.contains("href=\"/quickbooks/reconnect\""),
            "{instead}"
        );
        assert!(instead.contains("Old"), "{instead}");
        assert!(form.contains("<button class=\"plain\""), "{form}");
        let unfinished = Notice::Unfinished.page(Language::English, links, &figures, &[]);
        assert!(
            unfinished.body.contains("<button type"),
            "{}",
            unfinished.body
        );
    }

    #[test]
    fn without_a_session_the_button_leads_to_the_app_market() {
        let links = Links {
            app_market_url: "https://market",
            csrf: None,
        };
        for notice in Notice::ALL {
            let page = notice.page(Language::French, links, &[], &[]);
            assert!(page.body.contains("href=\"https://market\""), "{notice:?}");
            assert!(!page.body.contains("<form"), "{notice:?}");
        }
    }
}
