//! What a project file says about deploying.

use std::time::Duration;

use test_case::test_case;

use super::*;
use crate::project::deployment::{Profile, StreamsBy};
use crate::project::image::{Build, Files, Making};

const WHOLE: &str = "
name: shop
streams: {folder: manifests/streams, managedBy: ratectl, server: broker}
gateway: {class: traefik}
load: k6
cluster: {name: shop, install: [broker]}
profiles:
  dev: {overlays: [dev]}
  prod:
    context: shop-prod
    server: https://prod.example:6443
    uid: 0f0f0f0f-0000-4000-8000-0123456789ab
    registry: registry.example/shop
    pull: mirror.example:5000/shop
    overlays: [prod, ha]
    protected: true
    cargoProfile: dist
    gateway: {class: kgateway}
    streams: {managedBy: nack}
components:
  till:
    manifests: manifests/till
    namespace: shop
    wait: 1m30s
    aliases: [cash-desk]
    needs: [broker]
    image:
      name: shop/till
      build: cargo
      package: till
      features: [fast]
      files: {assets: /srv/assets/}
      command: [--serve]
  broker:
    manifests: manifests/broker
    downloads:
      - url: https://example.org/v1/crds.yaml
        sha256: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
        overlay: prod
    charts:
      - {name: one, chart: charts/one, values: [values.yaml]}
      - name: two
        chart: oci://example.org/two
        version: 1.2.3
        sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
";

/// A complaint without the file's name.
fn complaint(text: &str) -> String {
    let message = project(text).unwrap_err();
    message.strip_prefix("/p/ratectl.yaml:").unwrap().to_owned()
}

/// `components: {a: {image: …}}`
fn image(image: &str) -> Result<Build, String> {
    let project = project(&format!("components:\n  a:\n    image: {image}\n"))?;
    let deployment = project.components[0].deployment.clone().unwrap();
    Ok(deployment.image.unwrap().build)
}

#[test]
fn everything_about_a_deployment_is_read() {
    let project = project(WHOLE).unwrap();
    assert_eq!(project.streams_by, StreamsBy::Ratectl);
    assert_eq!(project.streams_server, "broker");
    assert_eq!(project.install, ["broker"]);
    assert_eq!(project.load.as_deref(), Some(Path::new("/p/k6")));
    let till = project.component("cash-desk").unwrap();
    assert_eq!(till.name, "till");
    let till = till.deployment.as_ref().unwrap();
    assert_eq!(till.wait, Some(Duration::from_secs(90)));
    assert_eq!(
        (till.needs.as_slice(), till.namespace.as_deref()),
        (&["broker".to_owned()][..], Some("shop"))
    );
    let Build::Cargo(cargo) = &till.image.as_ref().unwrap().build else {
        panic!("{till:?}")
    };
    assert_eq!(
        (cargo.binary.as_str(), cargo.folder.as_path()),
        ("till", Path::new("/p"))
    );
    let [files] = &cargo.files[..] else {
        panic!("{cargo:?}")
    };
    assert_eq!(
        (files.here.as_path(), files.there.as_str()),
        (Path::new("/p/assets"), "/srv/assets")
    );
    let broker = project.component("broker").unwrap().deployment.as_ref().unwrap();
    assert_eq!(broker.downloads[0].sha256.len(), 64);
    assert_eq!(broker.charts[0].chart, "/p/charts/one");
    assert_eq!(broker.charts[1].chart, "oci://example.org/two");
}

#[test]
fn profiles_do_not_inherit_from_each_other() {
    let project = project(WHOLE).unwrap();
    let (dev, prod) = (project.profile("dev").unwrap(), project.profile("prod").unwrap());
    let bare = Profile {
        name: "dev".to_owned(),
        overlays: vec!["dev".to_owned()],
        ..Profile::default()
    };
    assert_eq!(*dev, bare);
    assert_eq!(project.overlays(dev), ["dev", "traefik"]);
    assert_eq!(project.overlays(prod), ["prod", "ha", "kgateway"]);
    assert_eq!(project.streams_by(dev), StreamsBy::Ratectl);
    assert_eq!(project.streams_by(prod), StreamsBy::Nack);
    assert!(prod.protected && !dev.protected);
}

#[test]
fn without_profiles_there_is_one_for_the_own_cluster() {
    let project = project("name: x\nprofiles:\n").unwrap();
    let names: Vec<&str> = project
        .profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    assert_eq!(names, ["dev"]);
    assert_eq!(project.profiles[0].context, None);
}

#[test]
fn a_folder_alone_means_streams_for_nack() {
    let project = project("streams: defs").unwrap();
    assert_eq!(
        (project.streams_by, project.streams_server.as_str()),
        (StreamsBy::Nack, "nats")
    );
}

#[test]
fn files_of_an_image_can_be_made_by_a_command() {
    let text = "{name: a, build: cargo, package: a, defaultFeatures: false, files: {dist: {path: /public/ui/, build: [make, web], sources: [src, lock]}}}";
    let Ok(Build::Cargo(build)) = image(text) else {
        panic!("{:?}", image(text))
    };
    assert!(!build.default_features);
    let made = Making {
        command: vec!["make".to_owned(), "web".to_owned()],
        folder: "/p".into(),
        sources: vec!["/p/src".into(), "/p/lock".into()],
    };
    let files = Files {
        here: "/p/dist".into(),
        there: "/public/ui".to_owned(),
        made: Some(made),
    };
    assert_eq!(build.files, [files]);
}

#[test_case("{name: a, build: dockerfile, context: web, target: final, args: {V: 1}, platform: linux/arm64}"; "dockerfile")]
#[test_case("{name: a, build: git, url: 'https://example.org/a.git', ref: v1, folder: web, dockerfile: Dockerfile.web}"; "git")]
#[test_case("{name: a/b, build: cargo, package: x, version: '=1.2.3', binary: y, profile: dev}"; "cargo")]
fn an_image_can_be_made_in_several_ways(text: &str) {
    image(text).unwrap();
}

#[test]
fn a_dockerfile_lies_in_its_context() {
    let Ok(Build::Dockerfile(build)) = image("{name: a, build: dockerfile, context: web}") else {
        panic!()
    };
    assert_eq!(build.context, Path::new("/p/web"));
    assert_eq!(build.dockerfile, Path::new("/p/web/Dockerfile"));
}

#[test_case("{name: a}" => matches Err(message) if message.contains("'build' is missing"); "no way")]
#[test_case("{name: a, build: crago, package: a}" => matches Err(message) if message.contains("did you mean 'cargo'?"); "another way")]
#[test_case("{name: a, build: cargo}" => matches Err(message) if message.contains("needs a 'package'"); "no package")]
#[test_case("{name: a, build: cargo, package: a, target: b}" => matches Err(message) if message.contains("'target' belongs to 'build: dockerfile' and 'build: git', not to 'build: cargo'"); "a key of another way")]
#[test_case("{name: a, build: cargo, package: a, version: 1.2.3, folder: b}" => matches Err(message) if message.contains("leave one out"); "version and folder")]
#[test_case("{name: a, build: cargo, package: a, version: '1.2'}" => matches Err(message) if message.contains("no exact version"); "a range of versions")]
#[test_case("{name: a, build: cargo, package: a, files: {b: c}}" => matches Err(message) if message.contains("no path in the image"); "a relative path")]
#[test_case("{name: a, build: cargo, package: a, files: {b: /c, d: /c/}}" => matches Err(message) if message.contains("something else goes to '/c'"); "one path twice")]
#[test_case("{name: a, build: cargo, package: a, files: {b: {path: /c, build: [make]}}}" => matches Err(message) if message.contains("'sources' is missing"); "made of nothing")]
#[test_case("{name: a, build: cargo, package: a, files: {b: {path: /c, build: [make], sources: []}}}" => matches Err(message) if message.contains("'sources' needs"); "no sources")]
#[test_case("{name: a, build: cargo, package: a, files: {b: {path: /c, build: [], sources: [d]}}}" => matches Err(message) if message.contains("needs at least the program"); "no command")]
#[test_case("{name: a, build: cargo, package: a, files: {b: {path: c, build: [make], sources: [d]}}}" => matches Err(message) if message.contains("no path in the image"); "made for a relative path")]
#[test_case("{name: a, build: cargo, package: a, files: {b: {path: /c, biuld: [make], sources: [d]}}}" => matches Err(message) if message.contains("did you mean 'build'?"); "a misspelt key of files")]
#[test_case("{name: 'a:1', build: cargo, package: a}" => matches Err(message) if message.contains("without registry, tag and digest"); "a tag")]
#[test_case("{name: A, build: cargo, package: a}" => matches Err(message) if message.contains("no image name"); "an upper-case name")]
#[test_case("{name: a, build: git}" => matches Err(message) if message.contains("needs the 'url'"); "no repository")]
#[test_case("{name: a, build: git, url: --upload-pack=x}" => matches Err(message) if message.contains("cannot be a URL"); "a flag for git")]
#[test_case("{name: a, build: git, url: x, folder: ../y}" => matches Err(message) if message.contains("inside the repository"); "a folder outside")]
#[test_case("{name: a, build: dockerfile, platform: arm}" => matches Err(message) if message.contains("linux/amd64"); "no platform")]
fn an_image_that_cannot_be_is_refused(text: &str) -> Result<Build, String> {
    image(text)
}

#[test_case("components: {a: {needs: [b]}, b: {needs: [c]}, c: {needs: [a]}}" => "1:60: a needs b needs c needs a: no order fits that"; "a circle")]
#[test_case("components: {a: {needs: [a]}}" => "1:26: a needs a: no order fits that"; "itself")]
#[test_case("components: {a: {needs: [proxi]}, proxy: {manifests: m}}" => "1:26: there is no component 'proxi'; did you mean 'proxy'?"; "misspelt")]
#[test_case("components: {a: {needs: [p]}, proxy: {manifests: m, aliases: [p]}}" => "1:26: 'p' is another name of component 'proxy'; write 'proxy' here"; "an alias")]
#[test_case("components: {a: {needs: [b]}, b: {dev: {command: [x]}}}" => "1:26: component 'b' cannot be deployed: it has no manifests, downloads, charts or image"; "one that is not deployed")]
#[test_case("components: {a: {needs: [b, b]}, b: {manifests: x}}" => "1:29: 'b' is there twice"; "twice")]
#[test_case("cluster: {install: [nats]}\ncomponents: {gate: {manifests: m}}" => "1:21: there is no component 'nats'; possible here: gate"; "installed")]
#[test_case("streams: {folder: s, server: nets}\ncomponents: {nats: {manifests: m}}" => "1:30: there is no component 'nets'; did you mean 'nats'?"; "the server of streams")]
#[test_case("components: {a: {aliases: [b]}, b: {}}" => "1:28: 'b' is the name of a component"; "an alias that is a name")]
#[test_case("components: {a: {aliases: [x]}, b: {aliases: [x]}}" => "1:47: 'x' is another name of component 'a' already"; "an alias of two")]
#[test_case("components: {all: {}}" => "1:14: 'all' stands for every component and cannot be one's name"; "all")]
#[test_case("components: {a: {managesStreams: true}, b: {managesStreams: true}}" => "1:41: two components have 'managesStreams': 'a' and 'b'"; "two managers")]
fn names_of_components_fit_together(text: &str) -> String {
    complaint(text)
}

#[test_case("profiles: {p: {sever: x}}" => "1:16: unknown key 'sever'; did you mean 'server'?"; "a misspelt key")]
#[test_case("profiles: {P: {}}" => "1:12: 'P' is no name of a profile: 1 to 63 lowercase letters, digits and inner hyphens"; "a name")]
#[test_case("profiles: {p: {server: 'prod:6443'}}" => "1:24: 'prod:6443' is no URL: it begins with https:// or http://"; "a server")]
#[test_case("profiles: {p: {server: 'https://u:p@h'}}" => "1:24: names and passwords do not belong into a URL"; "a password")]
#[test_case("profiles: {p: {registry: 'https://h/x'}}" => "1:26: 'https://h/x' is no registry: write it without a scheme, as in registry.example/team"; "a registry")]
#[test_case("profiles: {p: {registry: team}}" => "1:26: 'team' is no registry: it begins with a host that has a dot or a port, as in registry.example/team"; "a registry without a host")]
#[test_case("profiles: {p: {pull: 'h:1'}}" => "1:22: 'pull' needs a 'registry', which has another name here"; "only a name to pull by")]
#[test_case("profiles: {p: {overlays: [a, a]}}" => "1:30: the overlay 'a' is there twice"; "an overlay twice")]
#[test_case("profiles: {p: {overlays: [../a]}}" => "1:27: '../a' is no name of an overlay: 1 to 63 lowercase letters, digits and inner hyphens"; "an overlay outside")]
#[test_case("profiles: {p: {protected: 'often'}}" => "1:27: true or false is expected here"; "a word for a switch")]
#[test_case("profiles: {p: {streams: {managedBy: nak}}}" => "1:37: 'nak' makes no streams; did you mean 'nack'?"; "a maker of streams")]
#[test_case("streams: {foldr: x}" => "1:11: unknown key 'foldr'; did you mean 'folder'?"; "a key of streams")]
#[test_case("streams: [x]" => "1:1: a list stands where a folder, or a mapping with folder, managedBy or server is expected"; "a list of streams")]
#[test_case("gateway: {class: A/B}" => "1:18: 'A/B' is no name of a gateway class: 1 to 63 lowercase letters, digits and inner hyphens"; "a class")]
fn a_profile_that_cannot_be_is_refused_with_its_place(text: &str) -> String {
    complaint(text)
}

#[test_case("downloads: [{url: 'https://h/x'}]" => matches message if message.contains("'sha256' is missing"); "no checksum")]
#[test_case("downloads: [{url: 'https://h/x', sha256: abc}]" => matches message if message.contains("'abc' is no SHA-256"); "a short checksum")]
#[test_case("downloads: [{url: 'https://h/latest/x', sha256: x}]" => matches message if message.contains("moves"); "a moving address")]
#[test_case("charts: [{name: a, chart: 'https://h/x.tgz'}]" => matches message if message.contains("needs the 'sha256'"); "a chart without checksum")]
#[test_case("charts: [{name: a, chart: x, version: 1.0.0}]" => matches message if message.contains("'version' has no meaning for the chart 'x'"); "the version of a folder")]
#[test_case("wait: 5" => matches message if message.contains("'5' is no duration"); "a time without unit")]
#[test_case("wait: 0s" => matches message if message.contains("no time at all"); "no time")]
#[test_case("namespace: A" => matches message if message.contains("no name of a namespace"); "a namespace")]
#[test_case("manifest: x" => matches message if message.contains("did you mean 'manifests'?"); "a misspelt key")]
fn a_deployment_that_cannot_be_is_refused(line: &str) -> String {
    complaint(&format!("components:\n  a:\n    {line}\n"))
}
