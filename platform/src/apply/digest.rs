//! SHA-256 as text.

use sha2::{Digest as _, Sha256};

use crate::download::hex;

/// SHA-256 in 64 hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
