//! Reading variables.

use std::str::FromStr;

use jiff::civil::Date;

use crate::secrets::RefreshTokensIn;

/// Reads variables; what is wrong with them is gathered, so that all of it is told at once.
pub(super) struct Reader<F> {
    source: F,
    pub problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    pub fn over(source: F) -> Self {
        Self {
            source,
            problems: Vec::new(),
        }
    }

    /// A variable that may be absent or empty.
    pub fn if_set(&self, name: &str) -> Option<String> {
        (self.source)(name).filter(|value| !value.is_empty())
    }

    pub fn text(&mut self, name: &str) -> String {
        self.if_set(name).unwrap_or_else(|| {
            self.problems.push(format!("{name} is not set"));
            String::new()
        })
    }

    pub fn url(&mut self, name: &str) -> String {
        let value = self.text(name);
        let is_url = value.starts_with("https://") || value.starts_with("http://");
        if !value.is_empty() && !is_url {
            self.problems.push(format!("{name} is not an address"));
        }
        value.trim_end_matches('/').to_owned()
    }

    pub fn switch(&mut self, name: &str) -> bool {
        let value = self.text(name);
        if !["", "on", "off"].contains(&value.as_str()) {
            self.problems.push(format!("{name} is neither on nor off"));
        }
        value == "on"
    }

    pub fn day(&mut self, name: &str) -> Option<Date> {
        let value = self.text(name);
        let day = value.parse().ok();
        if day.is_none() && !["", "never"].contains(&value.as_str()) {
            self.problems
                .push(format!("{name} is neither a day nor never"));
        }
        day
    }

    pub fn refresh_tokens_in(&mut self, name: &str) -> RefreshTokensIn {
        match self.text(name).as_str() {
            "dynamodb" => RefreshTokensIn::DynamoDb,
            "secrets" | "" => RefreshTokensIn::Secrets,
            _ => {
                self.problems
                    .push(format!("{name} is neither secrets nor dynamodb"));
                RefreshTokensIn::Secrets
            }
        }
    }

    pub fn number<N: FromStr + Default>(&mut self, name: &str) -> N {
        let value = self.text(name);
        value.parse().unwrap_or_else(|_| {
            if !value.is_empty() {
                self.problems.push(format!("{name} is not a whole number"));
            }
            N::default()
        })
    }
}
