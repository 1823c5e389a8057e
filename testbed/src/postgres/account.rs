//! Which user PostgreSQL runs as: it refuses to run as root.

use crate::Error;

/// Accounts to borrow, the best first.
const BORROWED: [&str; 2] = ["postgres", "nobody"];

/// User and group to run as when this process is root's; `None` when it is not.
pub(super) fn unprivileged() -> Result<Option<(u32, u32)>, Error> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let accounts = std::fs::read_to_string("/etc/passwd").map_err(Error::io("read /etc/passwd"))?;
    let found = BORROWED.iter().find_map(|name| lookup(&accounts, name));
    found.map(Some).ok_or_else(|| Error::Refused {
        action: "run PostgreSQL as another user than root".to_owned(),
        reason: format!("/etc/passwd has no {}", BORROWED.join(" and no ")),
    })
}

/// User and group of a name in the text of a passwd(5) file.
fn lookup(accounts: &str, name: &str) -> Option<(u32, u32)> {
    let line = accounts
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::lookup;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts =
            "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(lookup(accounts, "postgres"), Some((101, 104)));
        assert_eq!(lookup(accounts, "nobody"), None);
    }
}
