//! The certificate authorities that the web trusts, as one PEM file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Characters in a line of PEM (RFC 7468).
const LINE: usize = 64;

/// All of them, in the order in which the list has them.
pub(super) fn pem() -> String {
    let mut text = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let encoded = STANDARD.encode(certificate);
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(LINE));
            text.push_str(line);
            text.push('\n');
            rest = after;
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_authority_is_there_in_lines_of_the_right_length() {
        let text = pem();
        let begun = text.matches("-----BEGIN CERTIFICATE-----\n").count();
        assert_eq!(begun, webpki_root_certs::TLS_SERVER_ROOT_CERTS.len());
        assert!(begun > 100);
        let first: String = text
            .lines()
            .skip(1)
            .take_while(|line| !line.starts_with('-'))
            .collect();
        assert_eq!(
            STANDARD.decode(first).unwrap(),
            webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].as_ref()
        );
        assert!(text.lines().all(|line| line.len() <= LINE));
    }
}
