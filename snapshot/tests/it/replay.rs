//! A recording gives the same picture as what it was taken from.

use snapshot::record::{Recorder, Recording};
use snapshot::{Settings, State, update};

use crate::lab::{Lab, key};
use crate::schema::faults;
use crate::simulator::{Does, Simulator};

#[test]
fn a_recording_played_back_gives_the_same_report_byte_for_byte() {
    let mut lab = Lab::new(Simulator::new());
    lab.run(30);
    lab.world.does = Does::NakEvery(3);
    lab.run(30);
    lab.world.kill();
    lab.run(30);
    let mut recorder = Recorder::begin(Vec::new()).unwrap();
    for event in &lab.events {
        recorder.write(event).unwrap();
    }
    let bytes = recorder.end().unwrap();
    let mut state = State::new(Settings::default());
    state.select(Some(key()));
    for event in Recording::open(bytes.as_slice()).unwrap() {
        update(&mut state, event.unwrap());
    }
    let (seen, replayed) = (lab.report(), state.report(lab.clock()));
    assert_eq!(
        serde_json::to_string(&seen).unwrap(),
        serde_json::to_string(&replayed).unwrap()
    );
    assert_eq!(faults(&replayed), Vec::<String>::new());
    assert_eq!(
        state.detail(&key(), lab.clock()),
        lab.state.detail(&key(), lab.clock())
    );
}
