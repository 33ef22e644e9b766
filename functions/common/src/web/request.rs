//! Requests: method, path, parameters and cookies, read with bounds.

use bookkeeping::transaction::Language;

use super::session;

/// Longest query and longest form read, in bytes. Intuit's code is at most 512 characters.
pub(super) const FIELDS_LENGTH_MAX: usize = 16 * 1024;

/// How something is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// To look. Changes nothing but one-time ids.
    Get,
    /// To act.
    Post,
}

/// A request. Has no `Debug`: codes and tokens travel in it.
pub struct Request {
    /// How.
    pub method: Method,
    /// What, without the query.
    pub path: String,
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
    cookies: Vec<(String, String)>,
    accept_language: String,
}

impl Request {
    /// A request in its parts: the query as in the address, the cookies as in their header, the form as in the body.
    #[must_use]
    pub fn new(method: Method, path: &str, query: &str, cookies: &str, form: &str) -> Self {
        let bounded = |text: &str| match text.len() <= FIELDS_LENGTH_MAX {
            true => form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
            false => Vec::new(),
        };
        let cookie = |cookie: &str| {
            let (name, value) = cookie.trim().split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        };
        Self {
            method,
            path: path.to_owned(),
            query: bounded(query),
            form: bounded(form),
            cookies: cookies.split(';').filter_map(cookie).collect(),
            accept_language: String::new(),
        }
    }

    /// The same, from a browser set to these languages (`Accept-Language`).
    #[must_use]
    pub fn in_languages(mut self, accept_language: &str) -> Self {
        accept_language.clone_into(&mut self.accept_language);
        self
    }

    /// A parameter of the query. One that comes twice counts as absent: two readers could take different ones.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        only(&self.query, name)
    }

    /// A field of the form; one that comes twice counts as absent.
    #[must_use]
    pub fn form(&self, name: &str) -> Option<&str> {
        only(&self.form, name)
    }

    /// The session cookie's value.
    #[must_use]
    pub fn session_cookie(&self) -> Option<&str> {
        only(&self.cookies, session::COOKIE)
    }

    /// The language of a browser that has no session: the first of its languages that is one of ours, else English.
    #[must_use]
    pub fn language(&self) -> Language {
        self.accept_language
            .split(',')
            .filter_map(|tag| tag.split(';').next())
            .find_map(|tag| Language::from_tag(tag.trim()))
            .unwrap_or(Language::English)
    }
}

fn only<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = fields.iter().filter(|(key, _)| key == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_comes_twice_is_no_parameter() {
        let request = Request::new(Method::Get, "/", "state=a&state=b&code=c%2Bd", "", "");
        assert_eq!(request.query("state"), None);
        assert_eq!(request.query("code"), Some("c+d"));
        assert_eq!(request.query("realmId"), None);
    }

    #[test]
    fn the_session_cookie_is_found_among_others() {
        let cookies = "theme=dark; __Host-quickbooks=abc; other=1";
        let request = Request::new(Method::Get, "/", "", cookies, "");
        assert_eq!(request.session_cookie(), Some("abc"));
        let twice = "__Host-quickbooks=abc; __Host-quickbooks=def";
        let request = Request::new(Method::Get, "/", "", twice, "");
        assert_eq!(request.session_cookie(), None);
    }

    #[test]
    fn a_browser_is_answered_in_its_first_language_that_we_speak() {
        let speaks = |languages: &str| {
            Request::new(Method::Get, "/", "", "", "")
                .in_languages(languages)
                .language()
        };
        assert_eq!(speaks("de, fr-CA;q=0.8, en;q=0.5"), Language::French);
        assert_eq!(speaks("de"), Language::English);
    }

    #[test]
    fn a_query_beyond_the_bound_is_not_read() {
        let long = format!("state=a&x={}", "y".repeat(FIELDS_LENGTH_MAX));
        let request = Request::new(Method::Get, "/", &long, "", "");
        assert_eq!(request.query("state"), None);
    }
}
