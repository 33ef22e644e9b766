//! Later: fields that a later version of this program wrote.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The fields of a stored value that this version does not know. They are kept and written back as they are, so that a deployment
/// that was rolled back forgets nothing of what the later one wrote.
///
/// Debug prints their names alone: what they hold, nobody here knows.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Later(Map<String, Value>);

impl fmt::Debug for Later {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Stored {
        known: u32,
        #[serde(flatten)]
        later: Later,
    }

    #[test]
    fn what_a_later_version_wrote_is_written_back_as_it_was() {
        let body =
            r#"{"known":1,"door":{"name":"blue","rate":"9.9750"},"of":[9007199254740993,null]}"#;
        let stored: Stored = serde_json::from_str(body).unwrap();
        let changed = Stored { known: 2, ..stored };
        let expected = body.replace("\"known\":1", "\"known\":2");
        assert_eq!(serde_json::to_string(&changed).unwrap(), expected);
    }

    #[test]
    fn what_nobody_knows_is_not_printed() {
        let stored: Stored = serde_json::from_str(r#"{"known":1,"name":"Aline"}"#).unwrap();
        assert_eq!(format!("{:?}", stored.later), r#"{"name"}"#);
    }
}
