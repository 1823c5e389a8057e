//! Groups of WebSocket clients over several proxies.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::stage::Stage;
use super::websocket::Socket;
use crate::system::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_group_hears_its_members_over_two_proxies_and_after_a_restart_of_nats() {
    let mut stage = Stage::set().await;
    let (first, second) = (stage.proxy(|_| {}).await, stage.proxy(|_| {}).await);
    let mut ann = Socket::open(first.address, "/events?group=room").await;
    let mut bob = Socket::open(second.address, "/events").await;
    let mut eve = Socket::open(second.address, "/events?group=other").await;
    assert_eq!(ann.expect("joined").await["data"]["group"], "room");
    bob.say(r#"{"join":"room"}"#).await;
    bob.expect("joined").await;
    eve.expect("joined").await;
    ann.say(r#"{"group":"room","data":{"text":"hello"}}"#).await;
    for member in [&mut ann, &mut bob] {
        let heard = member.expect("group").await;
        assert_eq!(
            (&heard["data"]["subject"], &heard["data"]["data"]),
            (&json!("live.room"), &json!({"text": "hello"}))
        );
    }
    stage.nats.kill().unwrap();
    until("the loss is noticed", || second.trouble("nats").is_some()).await;
    stage.nats.restart().unwrap();
    // What is said meanwhile is lost; from some moment on they hear each other again.
    first.connected().await;
    second.connected().await;
    for number in 0.. {
        bob.say(&format!(r#"{{"group":"room","data":{number}}}"#)).await;
        let heard = tokio::time::timeout(std::time::Duration::from_millis(300), ann.expect("group")).await;
        if heard.is_ok() {
            break;
        }
        assert!(number < 100, "they hear each other no more");
    }
    bob.say(r#"{"leave":"room"}"#).await;
    bob.expect("left").await;
    ann.say(r#"{"group":"room","data":"gone?"}"#).await;
    while ann.expect("group").await["data"]["data"] != "gone?" {}
    eve.say(r#"{"group":"other","data":"only me"}"#).await;
    loop {
        let Message::Text(text) = eve.next().await else {
            continue;
        };
        if text.contains(r#""event":"group""#) {
            assert!(text.contains("only me"), "another group's: {text}");
            break;
        }
    }
    assert!(first.metric("feed_group_messages_total") >= 2);
}
