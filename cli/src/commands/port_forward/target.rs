//! The words after `port-forward`: targets, each with ports.

use platform::forward::{Port, What};

use crate::{error::Error, exit::Exit};

/// One forward.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) target: Target,
    /// The port here: 0 for any, `None` for the same as there.
    pub(super) local: Option<u16>,
    pub(super) remote: Port,
}

/// What is forwarded to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// A component, by its name or an alias.
    Component(String),
    /// Something in the cluster.
    Object(What),
}

/// Reads the words.
pub(super) fn parse(words: &[String]) -> Result<Vec<Wanted>, Error> {
    let mut found: Vec<Wanted> = Vec::new();
    let mut target: Option<(Target, bool)> = None;
    for word in words {
        if !is_ports(word) {
            finish(&mut found, target.take());
            target = Some((self::target(word)?, false));
            continue;
        }
        let Some((target, has_ports)) = &mut target else {
            let message = format!("there is no target before the ports {word}");
            return Err(Error::new(Exit::Usage, message).hint("such as `ratectl port-forward gateway 8080`"));
        };
        *has_ports = true;
        let (local, remote) = ports(word)?;
        found.push(Wanted {
            target: target.clone(),
            local,
            remote,
        });
    }
    finish(&mut found, target);
    Ok(found)
}

/// A target without ports: its first one.
fn finish(found: &mut Vec<Wanted>, target: Option<(Target, bool)>) {
    if let Some((target, false)) = target {
        found.push(Wanted {
            target,
            local: None,
            remote: Port::First,
        });
    }
}

fn is_ports(word: &str) -> bool {
    word.contains(':') || word.bytes().all(|byte| byte.is_ascii_digit())
}

fn target(word: &str) -> Result<Target, Error> {
    let Some((kind, name)) = word.split_once('/') else {
        return Ok(Target::Component(word.to_owned()));
    };
    let wrong = |message: String| Error::new(Exit::Usage, message);
    if name.is_empty() || name.contains('/') {
        return Err(wrong(format!("'{word}' names nothing")).hint("such as service/web"));
    }
    let name = name.to_owned();
    Ok(Target::Object(match kind.to_ascii_lowercase().as_str() {
        "service" | "services" | "svc" => What::Service(name),
        "deployment" | "deployments" | "deploy" => What::Deployment(name),
        "statefulset" | "statefulsets" | "sts" => What::StatefulSet(name),
        "daemonset" | "daemonsets" | "ds" => What::DaemonSet(name),
        "pod" | "pods" | "po" => What::Pod(name),
        _ => {
            return Err(wrong(format!("nothing of the kind '{kind}' can be forwarded to"))
                .hint("service/NAME, deployment/NAME, statefulset/NAME, daemonset/NAME and pod/NAME can"));
        }
    }))
}

fn ports(word: &str) -> Result<(Option<u16>, Port), Error> {
    let number = |text: &str| match text.parse::<u16>() {
        Ok(number) => Ok(number),
        Err(_) => Err(
            Error::new(Exit::Usage, format!("'{text}' in '{word}' is no port"))
                .hint("a port is a number from 0 to 65535"),
        ),
    };
    let Some((local, remote)) = word.split_once(':') else {
        let both = number(word)?;
        return Ok((Some(both), Port::Number(both)));
    };
    let local = match local {
        "" => 0,
        local => number(local)?,
    };
    let remote = match remote {
        "" => Port::First,
        name if is_port_name(name) => Port::Name(name.to_owned()),
        digits => match number(digits)? {
            0 => {
                return Err(Error::new(
                    Exit::Usage,
                    format!("'{word}' has no port to lead to"),
                ));
            }
            number => Port::Number(number),
        },
    };
    Ok((Some(local), remote))
}

/// As Kubernetes names ports (RFC 6335): with a letter in it.
fn is_port_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.chars().all(allowed) && name.chars().any(|c| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn read(words: &str) -> String {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        match parse(&words) {
            Ok(found) => {
                let show = |wanted: &Wanted| {
                    let target = match &wanted.target {
                        Target::Component(name) => name.clone(),
                        Target::Object(what) => format!("{what:?}"),
                    };
                    let local = wanted.local.map_or("same".to_owned(), |port| port.to_string());
                    format!("{target} {local}:{}", wanted.remote)
                };
                found.iter().map(show).collect::<Vec<_>>().join(", ")
            }
            Err(error) => format!("{}: {error}", error.exit().code()),
        }
    }

    #[test_case("gateway" => "gateway same:the first port"; "a component")]
    #[test_case("gateway 8080:80 nats" => "gateway 8080:80, nats same:the first port"; "several")]
    #[test_case("proxy 8080 :9090" => "proxy 8080:8080, proxy 0:9090"; "several ports of one")]
    #[test_case("svc/web 0:http" => "Service(\"web\") 0:http"; "by the name of a port")]
    #[test_case("pod/a-1 80:" => "Pod(\"a-1\") 80:the first port"; "the first port under another number")]
    #[test_case("8080 gateway" => "2: there is no target before the ports 8080"; "ports without a target")]
    #[test_case("gateway 80800" => "2: '80800' in '80800' is no port"; "too large a number")]
    #[test_case("gateway 1:2:3" => "2: '2:3' in '1:2:3' is no port"; "too many colons")]
    #[test_case("gateway 1:0" => "2: '1:0' has no port to lead to"; "port 0 over there")]
    #[test_case("secret/x" => "2: nothing of the kind 'secret' can be forwarded to"; "a kind without pods")]
    #[test_case("svc/" => "2: 'svc/' names nothing"; "no name")]
    fn words_become_forwards(words: &str) -> String {
        read(words)
    }
}
