//! The feed with no more rights than the proxy's user has where NATS knows users.

use serde_json::Value;
use testbed::nats::Server;

use super::follower::Follower;
use super::stage::Stage;
use super::websocket::Socket;

/// `accounts.conf` of the repository's manifests.
fn accounts() -> String {
    let path = testbed::repository().join("manifests/nats/configuration.yaml");
    let manifest: Value = serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let accounts = manifest["data"]["accounts.conf"].as_str().unwrap();
    let passwords: String = ["system", "proxy", "rating", "top", "nack", "admin"]
        .map(|user| format!("{user}_password: \"{user}\"\n"))
        .concat();
    accounts.replace("include users.conf", &passwords)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_needs_no_more_than_the_proxys_user_may() {
    let nats = Server::start_with(&format!("{}\nno_auth_user: admin\n", accounts())).unwrap();
    let stage = Stage::set_on(nats).await;
    let proxy = stage
        .proxy(|config| {
            config.nats.user = Some("proxy".to_owned());
            config.nats.password = Some(runtime::config::Secret::new("proxy"));
        })
        .await;
    let mut follower = Follower::open(proxy.address, None).await;
    assert_eq!(follower.snapshot().await, 0);
    stage.count(0..10).await;
    assert_eq!(follower.numbers(10).await, (0..10).collect::<Vec<_>>());
    let mut resumed = Follower::open_at(proxy.address, "/events?subject=events.number.*", Some(1)).await;
    assert_eq!(resumed.numbers(9).await, (1..10).collect::<Vec<_>>());
    let mut socket = Socket::open(proxy.address, "/events?group=room").await;
    socket.expect("joined").await;
    socket.say(r#"{"group":"room","data":1}"#).await;
    assert_eq!(socket.expect("group").await["data"]["data"], 1);
}
