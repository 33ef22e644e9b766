//! One SQS batch in, receipts in QuickBooks out. The story of each message is told in [`recording`].

pub mod batch;
