//! The mail on the wire: one message with text and HTML, and the headers that stop reminders with one click.

use bookkeeping::merchant::Addressee;
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;

use super::Mail;

/// The message as the mail service takes it. The service adds the message's id.
///
/// # Errors
///
/// Never seen: writing to memory does not fail.
pub fn raw(mail: &Mail, from: &str, now: Timestamp) -> std::io::Result<Vec<u8>> {
    let Addressee { name, email, .. } = &mail.to;
    let mut message = MessageBuilder::new()
        .header("From", Raw::new(from))
        .to((one_line(name), one_line(email)))
        .subject(mail.subject.as_str())
        .header("Date", Date::new(now.as_second()))
        // Whoever is away need not answer a program.
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .text_body(mail.text.as_str())
        .html_body(mail.html.as_str());
    if let Some(url) = &mail.unsubscribe_url {
        message = message
            .header("List-Unsubscribe", Raw::new(format!("<{url}>")))
            .header(
                "List-Unsubscribe-Post",
                Raw::new("List-Unsubscribe=One-Click"),
            );
    }
    message.write_to_vec()
}

/// A line's end in a name or an address would begin another header.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Marks;
    use bookkeeping::transaction::Language;

    #[test]
    fn a_message_has_both_bodies_and_stops_with_one_click_and_no_name_can_add_a_header() {
        let mail = Mail {
            to: Addressee {
                name: "Zoé\r\nBcc: other@example.com".to_owned(),
                email: "zoe@example.com".to_owned(),
                language: Language::French,
            },
            subject: "Été: QuickBooks est déconnecté".to_owned(),
            text: "Rien n'est perdu.".to_owned(),
            html: "<p>Rien n'est perdu.</p>".to_owned(),
            unsubscribe_url: Some("https://us/quickbooks/unsubscribe?r=abc".to_owned()),
            marks: Marks {
                merchant: "bWVy".to_owned(),
                mail: "00ff".to_owned(),
            },
        };
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let bytes = raw(&mail, "MioCommerce <quickbooks@example.com>", now).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("From: MioCommerce <quickbooks@example.com>"));
        assert!(head.contains("List-Unsubscribe: <https://us/quickbooks/unsubscribe?r=abc>"));
        assert!(head.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.is_ascii(), "{head}");
        assert!(text.contains("text/plain") && text.contains("text/html"));
    }
}
