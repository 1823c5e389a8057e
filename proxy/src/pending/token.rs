//! The last token of the subjects on which a request is acknowledged and answered.

/// Length of a token's text: 8 hexadecimal digits each of slot and generation, 16 of the nonce.
pub const TOKEN_BYTES: usize = 32;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Names one waiting request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// Index into the table.
    pub slot: u32,
    /// How often the slot had been used before.
    pub generation: u32,
    /// What makes the token unguessable.
    pub nonce: u64,
}

impl Token {
    /// Appends the token's text.
    pub fn write(self, subject: &mut String) {
        let head = self
            .slot
            .to_be_bytes()
            .into_iter()
            .chain(self.generation.to_be_bytes());
        for byte in head.chain(self.nonce.to_be_bytes()) {
            subject.push(char::from(DIGITS[usize::from(byte >> 4)]));
            subject.push(char::from(DIGITS[usize::from(byte & 0xf)]));
        }
    }

    /// Reads a token's text; nothing but what [`Token::write`] writes is one.
    pub fn read(text: &[u8]) -> Option<Self> {
        if text.len() != TOKEN_BYTES {
            return None;
        }
        Some(Self {
            slot: number(&text[..8])?.try_into().ok()?,
            generation: number(&text[8..16])?.try_into().ok()?,
            nonce: number(&text[16..])?,
        })
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some((number << 4) | u64::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(slot: u32, generation: u32, nonce: u64) {
            let token = Token { slot, generation, nonce };
            let mut text = String::new();
            token.write(&mut text);
            prop_assert_eq!(text.len(), TOKEN_BYTES);
            prop_assert_eq!(Token::read(text.as_bytes()), Some(token));
        }

        #[test]
        fn whatever_is_read_is_written_the_same_way(text in "[0-9a-fA-F.x]{30,34}") {
            if let Some(token) = Token::read(text.as_bytes()) {
                let mut again = String::new();
                token.write(&mut again);
                prop_assert_eq!(again, text);
            }
        }
    }
}
