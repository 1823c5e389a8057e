//! The bed itself: what a test made is gone after it, whatever became of the test.

use e2e::Bed;

/// What of this cluster the engine still has, by name.
fn left(bed: &Bed, cluster: &str) -> String {
    let filter = format!("name={cluster}");
    let list = |kind: &str, all: &[&str]| {
        let arguments = [&[kind, "ls", "-q", "--filter", filter.as_str()], all].concat();
        bed.docker(&arguments).succeeded().stdout
    };
    list("container", &["--all"]) + &list("network", &[]) + &list("volume", &[])
}

#[test]
fn a_bed_takes_what_its_cluster_has_with_it() {
    let outside = Bed::new("bed-outside");
    let bed = Bed::new("bed-inside");
    let cluster = bed.cluster().to_owned();
    let volume = format!("{cluster}-data");
    bed.docker(&["network", "create", &format!("k3d-{cluster}")])
        .succeeded();
    bed.docker(&["volume", "create", "--label", &bed.label(), &volume])
        .succeeded();
    bed.docker(&[
        "create",
        "--name",
        &bed.server(0),
        "--volume",
        &format!("{volume}:/data"),
        "registry:3",
    ])
    .succeeded();
    assert_ne!(left(&outside, &cluster), "");
    drop(bed);
    assert_eq!(left(&outside, &cluster), "");
}
