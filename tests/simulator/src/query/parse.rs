//! The grammar of queries.

use crate::fault::Fault;
use crate::kind::Kind;
use crate::query::PAGE_MAX;
use crate::query::token::{Token, tokens};

/// What a statement asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    /// `*`, or columns that include it.
    Everything,
    /// `COUNT(*)`.
    Count,
    /// Named columns; Id and the envelope come along.
    Columns(Vec<String>),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `=`.
    Equal,
    /// `<`.
    Less,
    /// `>`.
    Greater,
    /// `<=`.
    AtMost,
    /// `>=`.
    AtLeast,
    /// `IN (…)`.
    In,
    /// `LIKE`.
    Like,
}

/// A value in a condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// In quotes.
    Text(String),
    /// `true` or `false`.
    YesNo(bool),
    /// A whole number without quotes.
    Number(String),
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub property: String,
    pub operator: Operator,
    pub values: Vec<Value>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    pub wanted: Wanted,
    pub kind: Kind,
    pub conditions: Vec<Condition>,
    /// Property and whether descending.
    pub order: Vec<(String, bool)>,
    /// 1 for the first row.
    pub start: usize,
    /// `None` if not given.
    pub max: Option<usize>,
}

struct Reader {
    tokens: Vec<(Token, usize)>,
    place: usize,
}

/// Reads a statement.
pub(super) fn statement(text: &str) -> Result<Statement, Fault> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        place: 0,
    };
    reader.keyword("SELECT")?;
    let wanted = reader.wanted()?;
    reader.keyword("FROM")?;
    let entity = reader.word()?;
    let kind = Kind::named(&entity).ok_or_else(|| {
        invalid(&format!(
            "QueryValidationError: Metadata not found for Entity: {entity}"
        ))
    })?;
    let mut statement = Statement {
        wanted,
        kind,
        conditions: Vec::new(),
        order: Vec::new(),
        start: 1,
        max: None,
    };
    if reader.takes("WHERE") {
        loop {
            statement.conditions.push(reader.condition()?);
            if !reader.takes("AND") {
                break;
            }
        }
    }
    if reader.takes("ORDERBY") || (reader.takes("ORDER") && reader.keyword("BY").map(|()| true)?) {
        loop {
            let property = reader.word()?;
            let descending = reader.takes("DESC");
            let _ascending = !descending && reader.takes("ASC");
            statement.order.push((property, descending));
            if !reader.takes_sign(",") {
                break;
            }
        }
    }
    if reader.takes("STARTPOSITION") {
        statement.start = reader.count()?;
    }
    if reader.takes("MAXRESULTS") {
        statement.max = Some(reader.count()?);
    }
    if statement.max.is_some_and(|max| max > PAGE_MAX) {
        return Err(invalid(&format!(
            "QueryValidationError: value {} is too large. Max allowed value is {PAGE_MAX}.",
            statement.max.unwrap_or_default()
        )));
    }
    match reader.peek() {
        Token::End => Ok(statement),
        _ => Err(reader.unexpected()),
    }
}

impl Reader {
    fn peek(&self) -> &Token {
        self.tokens
            .get(self.place)
            .map_or(&Token::End, |(token, _)| token)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.place += 1;
        token
    }

    fn unexpected(&self) -> Fault {
        let column = self.tokens.get(self.place).map_or(0, |(_, column)| *column);
        let seen = match self.peek() {
            Token::Word(word) => format!("<IDENTIFIER> \"{word} \""),
            Token::Text(text) => format!("<STRING> \"'{text}' \""),
            Token::Number(number) => format!("<INTEGER> \"{number} \""),
            Token::Sign(sign) => format!("\"{sign}\" \"{sign} \""),
            Token::End => "<EOF>".to_owned(),
        };
        malformed(&format!(
            "QueryParserError: Encountered \" {seen}\" at line 1, column {column}."
        ))
    }

    fn takes(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword));
        self.place += usize::from(found);
        found
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(other) if *other == sign);
        self.place += usize::from(found);
        found
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), Fault> {
        if self.takes(keyword) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn sign(&mut self, sign: &str) -> Result<(), Fault> {
        if self.takes_sign(sign) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn word(&mut self) -> Result<String, Fault> {
        match self.peek().clone() {
            Token::Word(word) => {
                self.place += 1;
                Ok(word)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn count(&mut self) -> Result<usize, Fault> {
        let Token::Number(number) = self.peek().clone() else {
            return Err(self.unexpected());
        };
        self.place += 1;
        match number.parse() {
            Ok(0) | Err(_) => Err(invalid(&format!(
                "QueryValidationError: value {number} is too small. Min allowed value is 1"
            ))),
            Ok(count) => Ok(count),
        }
    }

    fn wanted(&mut self) -> Result<Wanted, Fault> {
        if self.takes("COUNT") {
            self.sign("(")?;
            self.sign("*")?;
            self.sign(")")?;
            return Ok(Wanted::Count);
        }
        let mut columns = Vec::new();
        let mut everything = false;
        loop {
            if self.takes_sign("*") {
                everything = true;
            } else {
                columns.push(self.word()?);
            }
            if !self.takes_sign(",") {
                break;
            }
        }
        Ok(if everything {
            Wanted::Everything
        } else {
            Wanted::Columns(columns)
        })
    }

    fn condition(&mut self) -> Result<Condition, Fault> {
        let property = self.word()?;
        if self.takes("IN") {
            self.sign("(")?;
            let mut values = vec![self.value()?];
            while self.takes_sign(",") {
                values.push(self.value()?);
            }
            self.sign(")")?;
            return Ok(Condition {
                property,
                operator: Operator::In,
                values,
            });
        }
        if self.takes("LIKE") {
            return Ok(Condition {
                property,
                operator: Operator::Like,
                values: vec![self.value()?],
            });
        }
        let operator = match self.peek() {
            Token::Sign("=") => Operator::Equal,
            Token::Sign("<") => Operator::Less,
            Token::Sign(">") => Operator::Greater,
            Token::Sign("<=") => Operator::AtMost,
            Token::Sign(">=") => Operator::AtLeast,
            _ => return Err(self.unexpected()),
        };
        self.place += 1;
        Ok(Condition {
            property,
            operator,
            values: vec![self.value()?],
        })
    }

    fn value(&mut self) -> Result<Value, Fault> {
        let value = match self.peek() {
            Token::Text(text) => Value::Text(text.clone()),
            Token::Number(number) => Value::Number(number.clone()),
            Token::Word(word) if word.eq_ignore_ascii_case("true") => Value::YesNo(true),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => Value::YesNo(false),
            _ => return Err(self.unexpected()),
        };
        let _taken = self.next();
        Ok(value)
    }
}

/// 4000: the grammar is broken.
pub(super) fn malformed(detail: &str) -> Fault {
    Fault::validation("4000", "Error parsing query", detail)
}

/// 4001: the grammar holds, the sense does not.
pub(super) fn invalid(detail: &str) -> Fault {
    Fault::validation("4001", "Invalid query", detail)
}
