//! Bodies of the transaction queue.

use bookkeeping::message::{Content, parse};

/// Ends in a message or a refusal, the same each time; what is read has the figures that decide what is posted.
pub fn take(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let read = parse(text);
    assert_eq!(
        read.is_ok(),
        parse(text).is_ok(),
        "read otherwise a second time"
    );
    match read.map(|message| message.content) {
        Ok(Content::PaymentCaptured { payment, .. }) => {
            assert!(!payment.financial_fields().is_empty());
        }
        Ok(Content::PaymentRefunded { refund, .. }) => {
            assert!(!refund.financial_fields().is_empty());
        }
        Ok(_) => {}
        Err(refusal) => assert!(!refusal.to_string().is_empty()),
    }
}
