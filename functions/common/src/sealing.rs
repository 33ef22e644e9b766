//! Sealing: authenticated encryption of what must not be readable in a table.
//!
//! AES-256-GCM under a key ring, so that keys can be changed with no downtime: what is sealed names its key, the
//! newest key seals, all of them open. The context (what it is, whose it is) is authenticated with it, so that a
//! sealed value copied to another row does not open.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::BASE64;
use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use serde::Deserialize;

/// Format of a sealed value; its first byte.
const FORMAT: u8 = 2;

/// The format before it, which is still opened: compressed without [`WORDS`].
const FORMAT_WITHOUT_WORDS: u8 = 1;

/// What messages and receipts are made of: the compression refers to it as if it stood before them, so that a claimed row stays
/// below a kilobyte, which is what DynamoDB counts writes in. Never to be changed without another format.
const WORDS: &[u8] = include_bytes!("sealing/words.txt");

/// Longest content we open, in bytes: an SQS message is at most 256 KiB.
const CONTENT_LENGTH_MAX: usize = 1024 * 1024;

/// Keys by id, one of which seals.
pub struct KeyRing {
    current: String,
    keys: BTreeMap<String, LessSafeKey>,
}

/// Sealed content cannot be opened, or a key ring cannot be read: the developers' to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The secret does not hold a key ring.
    #[error(
        "the secret does not hold a key ring: {{\"current\": id, \"keys\": {{id: 32 bytes in base64}}}}"
    )]
    NotAKeyRing,
    /// Not sealed by us, or sealed in a format this version does not know.
    #[error("the sealed value has an unknown form")]
    UnknownForm,
    /// Sealed under a key that is no longer in the ring.
    #[error("the key that sealed the value is not in the ring")]
    KeyMissing,
    /// Altered, or sealed for another row.
    #[error("the sealed value was altered or belongs elsewhere")]
    NotAuthentic,
}

#[derive(Deserialize)]
struct WireRing {
    current: String,
    keys: BTreeMap<String, String>,
}

/// A nonce for sealing, of random bytes that nothing else was made of.
#[must_use]
pub fn nonce(random: [u8; 16]) -> [u8; NONCE_LEN] {
    let [nonce @ .., _, _, _, _] = random;
    nonce
}

/// The id of the key that opens a sealed value; none where it is not sealed by us.
#[must_use]
pub fn key_of(sealed: &[u8]) -> Option<&str> {
    let [FORMAT | FORMAT_WITHOUT_WORDS, id_length, rest @ ..] = sealed else {
        return None;
    };
    std::str::from_utf8(rest.get(..usize::from(*id_length))?).ok()
}

impl KeyRing {
    /// Reads a ring from its secret: `{"current": "k1", "keys": {"k1": "<32 bytes in base64>"}}`.
    ///
    /// # Errors
    ///
    /// [`SealingError::NotAKeyRing`]; the deployment is to be mended.
    pub fn parse(secret: &str) -> Result<Self, SealingError> {
        let wire: WireRing = serde_json::from_str(secret).map_err(|_| SealingError::NotAKeyRing)?;
        let mut keys = BTreeMap::new();
        for (id, text) in wire.keys {
            let bytes = BASE64
                .decode(text.as_bytes())
                .map_err(|_| SealingError::NotAKeyRing)?;
            let key =
                UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| SealingError::NotAKeyRing)?;
            if id.is_empty() || id.len() > 255 {
                return Err(SealingError::NotAKeyRing);
            }
            keys.insert(id, LessSafeKey::new(key));
        }
        match keys.contains_key(&wire.current) {
            true => Ok(Self {
                current: wire.current,
                keys,
            }),
            false => Err(SealingError::NotAKeyRing),
        }
    }

    /// Whether the key that seals today opens a value: others may be gone one day.
    #[must_use]
    pub fn seals_as(&self, sealed: &[u8]) -> bool {
        key_of(sealed) == Some(self.current.as_str())
    }

    /// Compresses and seals content for one context.
    ///
    /// `nonce` must be fresh random bytes each time: two values under one key and nonce would lay both open.
    #[must_use]
    pub fn seal(&self, content: &[u8], context: &str, nonce: [u8; NONCE_LEN]) -> Vec<u8> {
        let mut body = compressed(content);
        let key = &self.keys[&self.current];
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context),
            &mut body,
        )
        .expect("content is far below the cipher's limit");
        let mut sealed = vec![
            FORMAT,
            u8::try_from(self.current.len()).expect("checked when the ring was read"),
        ];
        sealed.extend_from_slice(self.current.as_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        sealed
    }

    /// Opens what was sealed for the same context.
    ///
    /// # Errors
    ///
    /// [`SealingError`]; the row is the developers' to look at.
    pub fn open(&self, sealed: &[u8], context: &str) -> Result<Vec<u8>, SealingError> {
        let [
            format @ (FORMAT | FORMAT_WITHOUT_WORDS),
            id_length,
            rest @ ..,
        ] = sealed
        else {
            return Err(SealingError::UnknownForm);
        };
        let id_length = usize::from(*id_length);
        if rest.len() < id_length + NONCE_LEN {
            return Err(SealingError::UnknownForm);
        }
        let (id, rest) = rest.split_at(id_length);
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let id = std::str::from_utf8(id).map_err(|_| SealingError::UnknownForm)?;
        let key = self.keys.get(id).ok_or(SealingError::KeyMissing)?;
        let nonce =
            Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::UnknownForm)?;
        let mut body = body.to_vec();
        let compressed = key
            .open_in_place(nonce, Aad::from(context), &mut body)
            .map_err(|_| SealingError::NotAuthentic)?;
        match *format {
            FORMAT => decompressed(compressed),
            _ => {
                let mut content = Vec::new();
                let mut decoder = DeflateDecoder::new(&*compressed).take(CONTENT_LENGTH_MAX as u64);
                let read = decoder.read_to_end(&mut content);
                read.map(|_| content).map_err(|_| SealingError::UnknownForm)
            }
        }
    }
}

thread_local! {
    // Made once: each holds a quarter of a megabyte, and to clear that anew takes longer than what it is for.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::best(), false));
    static DECOMPRESS: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

fn compressed(content: &[u8]) -> Vec<u8> {
    COMPRESS.with_borrow_mut(|stream| {
        stream.reset();
        stream
            .set_dictionary(WORDS)
            .expect("nothing was compressed yet");
        // Room for what cannot be compressed at all, so that one call does it.
        let mut out = Vec::with_capacity(content.len() + content.len() / 100 + 64);
        let status = stream.compress_vec(content, &mut out, FlushCompress::Finish);
        assert!(
            matches!(status, Ok(Status::StreamEnd)),
            "compressing to memory does not fail"
        );
        out
    })
}

fn decompressed(body: &[u8]) -> Result<Vec<u8>, SealingError> {
    DECOMPRESS.with_borrow_mut(|stream| {
        stream.reset(false);
        let unknown = |_| SealingError::UnknownForm;
        stream
            .set_dictionary(WORDS)
            .map_err(|_| SealingError::UnknownForm)?;
        let mut content = Vec::with_capacity(8 * body.len() + 1024);
        loop {
            let taken = usize::try_from(stream.total_in()).expect("in memory");
            let status = stream
                .decompress_vec(&body[taken..], &mut content, FlushDecompress::Finish)
                .map_err(unknown)?;
            match status {
                Status::StreamEnd => return Ok(content),
                _ if content.len() < content.capacity() || content.len() >= CONTENT_LENGTH_MAX => {
                    return Err(SealingError::UnknownForm);
                }
                _ => content.reserve(content.len()),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(current: &str) -> KeyRing {
        let keys = format!(
            r#"{{"k1":"{}","k2":"{}"}}"#,
            BASE64.encode(&[1; 32]),
            BASE64.encode(&[2; 32])
        );
        KeyRing::parse(&format!(r#"{{"current":"{current}","keys":{keys}}}"#)).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_in_its_own_context_only() {
        let sealed = ring("k1").seal(b"the draft", "mer_1/payment/pay_1", [7; NONCE_LEN]);
        assert_eq!(
            ring("k1").open(&sealed, "mer_1/payment/pay_1").unwrap(),
            b"the draft"
        );
        assert_eq!(
            ring("k1").open(&sealed, "mer_2/payment/pay_1"),
            Err(SealingError::NotAuthentic)
        );
    }

    #[test]
    fn what_the_format_before_sealed_still_opens() {
        // Sealed by the version that knew no words: key k1, context "here".
        let sealed = BASE64
            .decode(b"AQJrMQcHBwcHBwcHBwcHB6Y6ovFHh/vtMpsE3peMWbOTpDdymK/GuQDgwg==")
            .unwrap();
        assert_eq!(ring("k1").open(&sealed, "here").unwrap(), b"the draft");
    }

    #[test]
    fn content_of_any_size_comes_back_whole() {
        // Some that compresses very well, some that does not at all.
        let noise = |length: usize| -> Vec<u8> {
            let mut state = 1_u32;
            let next = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            };
            (0..length).map(next).collect()
        };
        for length in [0, 1, 1_000, 300_000] {
            for content in [vec![b'a'; length], noise(length)] {
                let sealed = ring("k1").seal(&content, "here", [7; NONCE_LEN]);
                assert_eq!(ring("k1").open(&sealed, "here").unwrap(), content);
            }
        }
    }

    #[test]
    fn a_message_as_they_usually_are_is_sealed_in_a_third_of_its_length() {
        let message = include_bytes!("../../../tests/fixtures/messages/accepted/payment-card.json");
        let sealed = ring("k1").seal(message, "here", [7; NONCE_LEN]);
        assert!(
            sealed.len() * 3 < message.len(),
            "{} of {}",
            sealed.len(),
            message.len()
        );
    }

    #[test]
    fn an_older_key_still_opens_after_the_current_one_changed() {
        let sealed = ring("k1").seal(b"the draft", "here", [7; NONCE_LEN]);
        assert_eq!(ring("k2").open(&sealed, "here").unwrap(), b"the draft");
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let sealed = ring("k1").seal(b"the draft", "here", [7; NONCE_LEN]);
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(ring("k1").open(&altered, "here").is_err(), "byte {at}");
        }
    }
}
