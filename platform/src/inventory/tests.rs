use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

use super::*;
use crate::manifest::Object;

const TIME: &str = "2026-01-01T00:00:00Z";

fn object(kind: &str, name: &str, value: &str) -> Object {
    let object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "data": {"a": value}});
    Object::new(object).unwrap()
}

/// Text that gzip cannot make smaller than three quarters of it.
fn noise(bytes: usize, seed: u64) -> String {
    let mut state = seed;
    let next = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    });
    next.take(bytes).collect()
}

fn with_revisions(revisions: impl IntoIterator<Item = Vec<Object>>) -> Inventory {
    let mut inventory = Inventory::new("demo", "web");
    for objects in revisions {
        inventory.add(Revision::new(
            &objects,
            "ratectl deploy web",
            None,
            TIME.to_owned(),
        ));
    }
    inventory
}

#[test]
fn five_revisions_are_kept_and_numbers_go_on() {
    let inventory = with_revisions((0..8).map(|number| vec![object("ConfigMap", "a", &number.to_string())]));
    let numbers: Vec<u64> = inventory
        .revisions
        .iter()
        .map(|revision| revision.number)
        .collect();
    assert_eq!(numbers, [4, 5, 6, 7, 8]);
    let (data, notes) = text::encode(&inventory);
    assert_eq!(text::decode(&data).unwrap(), inventory);
    assert_eq!(notes, Vec::<String>::new());
}

#[test]
fn a_secret_is_in_no_revision_in_no_form() {
    let plain = vec![object("ConfigMap", "a", "1")];
    let mut secret = plain.clone();
    secret.push(object("Secret", "b", "hunter2"));
    let (plain, secret) = (with_revisions([plain]), with_revisions([secret]));
    assert_eq!(plain.revisions[0].hash, secret.revisions[0].hash);
    assert_eq!(secret.revisions[0].secrets, 1);
    assert_eq!(secret.revisions[0].objects().unwrap().len(), 1);
}

#[test]
fn what_is_too_large_is_dropped_oldest_first_and_told() {
    let large = |seed| vec![object("ConfigMap", "a", &noise(400_000, seed))];
    let (data, notes) = text::encode(&with_revisions((0..4).map(large)));
    let size: usize = data.iter().map(|(key, value)| key.len() + value.len()).sum();
    assert!(size <= text::LIMIT, "{size}");
    let numbers: Vec<u64> = text::decode(&data)
        .unwrap()
        .revisions
        .iter()
        .map(|r| r.number)
        .collect();
    assert_eq!(numbers, [3, 4]);
    assert_eq!(notes.len(), 2);
    assert!(notes[0].starts_with("revision 1 was dropped"), "{notes:?}");
}

#[test]
fn a_revision_that_is_too_large_by_itself_keeps_its_place_in_the_history() {
    let inventory = with_revisions([vec![object("ConfigMap", "a", &noise(2_000_000, 1))]]);
    let (data, notes) = text::encode(&inventory);
    let read = text::decode(&data).unwrap();
    assert!(!read.revisions[0].is_kept());
    read.revisions[0].objects().unwrap_err();
    assert_eq!(
        notes,
        ["revision 1 is too large to be kept: there is no going back to it"]
    );
}

#[test_case(|data| { data.remove("inventory"); } => "it has no key 'inventory'" ; "a key is gone")]
#[test_case(|data| { data.remove("checksum"); } => "it has no key 'checksum'" ; "the checksum is gone")]
#[test_case(|data| { data.remove("revision-1"); } => "somebody has changed it by hand" ; "a revision is gone")]
#[test_case(|data| { data.insert("x".into(), "y".into()); } => "somebody has changed it by hand" ; "a key came")]
#[test_case(|data| { data.insert("inventory".into(), "{".into()); } => "'inventory': EOF while parsing an object at line 1 column 1" ; "no json")]
#[test_case(|data| { let it = data["inventory"].replace("\"version\":1", "\"version\":2"); data.insert("inventory".into(), it); } => "it was written by a newer ratectl" ; "a newer format")]
#[test_case(|data| { let it = data["inventory"].replace("web", "wob"); data.insert("inventory".into(), it); } => "somebody has changed it by hand" ; "a value")]
fn what_is_not_as_it_was_written_is_told(change: fn(&mut BTreeMap<String, String>)) -> String {
    let (mut data, _) = text::encode(&with_revisions([vec![object("ConfigMap", "a", "1")]]));
    change(&mut data);
    text::decode(&data).unwrap_err()
}

#[test]
fn objects_that_are_not_those_of_the_revision_are_not_used() {
    let mut inventory = with_revisions([
        vec![object("ConfigMap", "a", "1")],
        vec![object("ConfigMap", "a", "2")],
    ]);
    inventory.revisions[0].packed = inventory.revisions[1].packed.clone();
    let error = inventory.revisions[0].objects().unwrap_err();
    assert_eq!(error, "its objects are not those that were applied");
    inventory.revisions[0].packed = Some("%".to_owned());
    assert!(
        inventory.revisions[0]
            .objects()
            .unwrap_err()
            .contains("no base64")
    );
    inventory.revisions[0].packed = Some("AAAA".to_owned());
    assert!(inventory.revisions[0].objects().unwrap_err().contains("no gzip"));
}

fn id() -> impl Strategy<Value = Id> {
    let text = "[a-zA-Z0-9.:-]{1,12}";
    (text, text, proptest::option::of(text), text).prop_map(|(group, kind, namespace, name)| Id {
        group,
        kind,
        namespace,
        name,
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let text = || proptest::option::of("\\PC{0,8}");
    (text(), any::<bool>(), text(), any::<bool>()).prop_map(|(uid, stale, hash, finished)| Entry {
        uid,
        stale,
        hash,
        finished,
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        entries in proptest::collection::btree_map(id(), entry(), 0..20),
        values in proptest::collection::vec("\\PC{0,40}", 0..7),
    ) {
        let mut inventory = with_revisions(values.iter().map(|value| vec![object("ConfigMap", "a", value)]));
        inventory.entries = entries;
        let (data, _) = text::encode(&inventory);
        let read = text::decode(&data).unwrap();
        prop_assert_eq!(&read, &inventory);
        for (revision, value) in read.revisions.iter().rev().zip(values.iter().rev()) {
            let objects = revision.objects().unwrap();
            prop_assert_eq!(&objects[0].value()["data"]["a"], &Value::from(value.as_str()));
        }
    }
}
