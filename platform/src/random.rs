//! Numbers that nobody can guess.

use std::fs::File;
use std::io::{self, Read as _};

/// 128 bits from the kernel, as 32 hexadecimal digits.
///
/// # Errors
/// When the kernel gives none.
pub(crate) fn digits() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(crate::download::hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same() {
        let (one, other) = (digits().unwrap(), digits().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }
}
