//! Answers: what the application says, before it becomes bytes.

use std::sync::Arc;

use jiff::Timestamp;

use crate::fault::Fault;
use crate::json::write_text;
use crate::kind::Kind;
use crate::stamp;

/// What an answer holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// One entity.
    Entity(Kind, Arc<str>),
    /// Members of the answer's object, written out.
    Members(Arc<str>),
    /// A refusal.
    Fault(Box<Fault>),
}

/// An answer and when it was made: one given again says the first one's time.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub content: Content,
    pub at: Timestamp,
}

impl Answer {
    /// An answer to what was done or refused.
    pub fn new(result: Result<Content, Fault>, at: Timestamp) -> Answer {
        Answer {
            content: result.unwrap_or_else(|fault| Content::Fault(Box::new(fault))),
            at,
        }
    }

    /// True for a refusal.
    pub fn is_fault(&self) -> bool {
        matches!(self.content, Content::Fault(_))
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match &self.content {
            Content::Fault(fault) => fault.status,
            _ => 200,
        }
    }

    /// The body.
    pub fn body(&self) -> String {
        let time = stamp::millisecond(self.at);
        if let Content::Fault(fault) = &self.content {
            return fault.body(&time, self.at.as_millisecond());
        }
        let mut out = String::from("{");
        self.content.write(&mut out);
        out.push_str(",\"time\":");
        write_text(&time, &mut out);
        out.push('}');
        out
    }
}

impl Content {
    /// Writes the members without braces, as they stand in an answer and in a batch item.
    pub fn write(&self, out: &mut String) {
        match self {
            Content::Entity(kind, text) => {
                write_text(kind.name(), out);
                out.push(':');
                out.push_str(text);
            }
            Content::Members(members) => out.push_str(members),
            Content::Fault(fault) => {
                out.push_str("\"Fault\":");
                fault.inner().write(out);
            }
        }
    }
}
