//! The words a query is made of.

use super::parse::malformed;
use crate::fault::Fault;

/// A word of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A keyword, an entity or a property.
    Word(String),
    /// In quotes.
    Text(String),
    /// A whole number.
    Number(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of the statement.
    End,
}

/// Cuts the text into tokens. A backslash escapes a quote and itself; an unquoted decimal is malformed, as reported.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Fault> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let column = at + 1;
        let character = characters[at];
        at += 1;
        let token = match character {
            space if space.is_whitespace() => continue,
            '\'' => Token::Text(quoted(&characters, &mut at, column)?),
            '<' | '>' => {
                let equal = characters.get(at) == Some(&'=');
                at += usize::from(equal);
                Token::Sign(match (character, equal) {
                    ('<', true) => "<=",
                    ('<', false) => "<",
                    (_, true) => ">=",
                    (_, false) => ">",
                })
            }
            '=' => Token::Sign("="),
            '(' => Token::Sign("("),
            ')' => Token::Sign(")"),
            ',' => Token::Sign(","),
            '*' => Token::Sign("*"),
            digit if digit.is_ascii_digit() => {
                Token::Number(run_of(&characters, &mut at, |character| {
                    character.is_ascii_digit()
                }))
            }
            letter if letter.is_alphabetic() || letter == '_' => {
                Token::Word(run_of(&characters, &mut at, |character| {
                    character.is_alphanumeric() || character == '_' || character == '.'
                }))
            }
            other => return Err(lexical(other, column)),
        };
        tokens.push((token, column));
    }
    tokens.push((Token::End, characters.len() + 1));
    Ok(tokens)
}

fn quoted(characters: &[char], at: &mut usize, column: usize) -> Result<String, Fault> {
    let mut text = String::new();
    loop {
        match (characters.get(*at), characters.get(*at + 1)) {
            (None, _) => {
                return Err(malformed(&format!(
                    "QueryParserError: Lexical error at line 1, column {column}.  Encountered: <EOF> after : \"\\'{text}\""
                )));
            }
            (Some('\\'), Some(escaped @ ('\'' | '\\'))) => {
                text.push(*escaped);
                *at += 1;
            }
            (Some('\''), _) => {
                *at += 1;
                return Ok(text);
            }
            (Some(character), _) => text.push(*character),
        }
        *at += 1;
    }
}

fn run_of(characters: &[char], at: &mut usize, belongs: impl Fn(char) -> bool) -> String {
    let start = *at - 1;
    while characters
        .get(*at)
        .is_some_and(|character| belongs(*character))
    {
        *at += 1;
    }
    characters[start..*at].iter().collect()
}

fn lexical(character: char, column: usize) -> Fault {
    malformed(&format!(
        "QueryParserError: Lexical error at line 1, column {column}.  Encountered: \"{character}\""
    ))
}
