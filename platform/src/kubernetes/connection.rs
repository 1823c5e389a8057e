//! From a kubeconfig entry to a client.
//!
//! Built by hand and not by kube's own loader: that takes `HTTPS_PROXY` for every server, also for one on this machine. The clusters of a
//! Docker engine are reached as directly as the engine itself.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::config::AuthInfo;
use kube::{Client, Config};

use super::Error;
use super::error::brief;
use crate::{connector, kubeconfig::Entry};

/// How long a connection may take, TLS included; the waits try again.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// A client for the entry's cluster. Must be called inside a runtime of tokio.
pub(super) fn open(entry: &Entry) -> Result<Client, Error> {
    let config = configure(entry)?;
    Client::try_from(config).map_err(|error| unusable(entry, brief(&error)))
}

fn configure(entry: &Entry) -> Result<Config, Error> {
    let server = entry.server.parse::<http::Uri>();
    let server = server.map_err(|error| unusable(entry, format!("server '{}': {error}", entry.server)))?;
    let mut config = Config::new(server);
    config.connect_timeout = Some(CONNECT_WITHIN);
    // Who waits for readiness looks again by itself, and sooner.
    config.default_retry = false;
    config.headers.push(connector::user_agent());
    config.root_cert = Some(
        certificates(&entry.certificate_authority_data)
            .map_err(|reason| unusable(entry, format!("certificate-authority-data: {reason}")))?,
    );
    config.auth_info = AuthInfo {
        client_certificate_data: Some(entry.client_certificate_data.clone()),
        client_key_data: Some(entry.client_key_data.clone().into()),
        ..AuthInfo::default()
    };
    Ok(config)
}

/// The certificates in a PEM text that is in base64, each in DER.
fn certificates(data: &str) -> Result<Vec<Vec<u8>>, String> {
    let pem = STANDARD
        .decode(data.trim())
        .map_err(|error| format!("no base64: {error}"))?;
    let pem = String::from_utf8(pem).map_err(|_| "no text".to_owned())?;
    let mut found = Vec::new();
    for part in pem.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let (body, _) = part
            .split_once("-----END CERTIFICATE-----")
            .ok_or("a certificate has no end")?;
        let body: String = body.split_whitespace().collect();
        found.push(
            STANDARD
                .decode(body)
                .map_err(|error| format!("no certificate: {error}"))?,
        );
    }
    if found.is_empty() {
        return Err("no certificate in it".to_owned());
    }
    Ok(found)
}

fn unusable(entry: &Entry, reason: String) -> Error {
    Error::Entry {
        entry: entry.name.clone(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn every_certificate_of_a_bundle_is_taken() {
        let pem = "# mine\n-----BEGIN CERTIFICATE-----\nAAEC\nAw==\n-----END CERTIFICATE-----\n\
                   -----BEGIN CERTIFICATE-----\r\nBA==\r\n-----END CERTIFICATE-----\r\n";
        assert_eq!(
            certificates(&STANDARD.encode(pem)).unwrap(),
            [vec![0, 1, 2, 3], vec![4]]
        );
    }

    #[test_case("%", "no base64" ; "not base64")]
    #[test_case("/w==", "no text" ; "not text")]
    #[test_case("YQ==", "no certificate in it" ; "nothing in it")]
    #[test_case("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==", "a certificate has no end" ; "cut off")]
    fn what_is_no_certificate_is_told(data: &str, reason: &str) {
        let error = certificates(data).unwrap_err();
        assert!(error.starts_with(reason), "{error}");
    }
}
