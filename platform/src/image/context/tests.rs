use std::fs::{self, Permissions};
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use test_case::test_case;

use super::*;

/// A folder with these files, each holding its own name.
fn folder(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        write(&folder, file, file);
    }
    folder
}

fn write(folder: &TempDir, file: &str, content: &str) {
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn read(folder: &TempDir) -> Result<Context, Error> {
    Context::read(folder.path(), &folder.path().join("Dockerfile"))
}

fn content(folder: &TempDir) -> BTreeMap<String, String> {
    let state = tempfile::tempdir().unwrap();
    read(folder).unwrap().content(state.path(), &|| true).unwrap()
}

fn names(context: &Context) -> Vec<&str> {
    context.names().collect()
}

/// Name, mode and content or target of each entry of the archive.
fn archived(context: &Context) -> Vec<(String, u32, String)> {
    let mut bytes = Vec::new();
    context.write(&mut bytes, &mut |_| {}).unwrap();
    let mut archive = tar::Archive::new(bytes.as_slice());
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let header = entry.header();
        assert_eq!(
            (
                header.uid().unwrap(),
                header.gid().unwrap(),
                header.mtime().unwrap()
            ),
            (0, 0, 0)
        );
        let mode = header.mode().unwrap();
        let link = entry
            .link_name()
            .unwrap()
            .map(|target| target.display().to_string());
        let name = entry.path().unwrap().display().to_string();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (name, mode, link.unwrap_or(text))
    });
    entries.collect()
}

#[test]
fn everything_is_sent_in_the_order_of_names_and_folders_before_what_is_in_them() {
    let folder = folder(&["b", "a/z", "a.c", "Dockerfile"]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    let context = read(&folder).unwrap();
    assert_eq!(names(&context), ["Dockerfile", "a", "a/z", "a.c", "b", "empty"]);
    assert_eq!(context.dockerfile(), "Dockerfile");
    assert_eq!(context.bytes(), 10 + 3 + 3 + 1);
}

#[test_case("a" => vec!["Dockerfile", ".dockerignore", "b"]; "a folder")]
#[test_case("a\n!a/x/2" => vec![".dockerignore", "Dockerfile", "a/x/2", "b"]; "something in it comes back without the folders around")]
#[test_case("*" => vec!["Dockerfile", ".dockerignore"]; "all but what the builder needs")]
#[test_case("**/1" => vec![".dockerignore", "Dockerfile", "a", "a/x", "a/x/2", "b"]; "a name")]
fn what_is_left_out(patterns: &str) -> Vec<&'static str> {
    const ALL: [&str; 8] = [
        ".dockerignore",
        "Dockerfile",
        "a",
        "a/1",
        "a/x",
        "a/x/2",
        "b",
        "c",
    ];
    let folder = folder(&["Dockerfile", "a/1", "a/x/2", "b"]);
    write(&folder, ".dockerignore", patterns);
    let context = read(&folder).unwrap();
    let mut names = names(&context);
    let place = |name: &str| ALL.iter().find(|known| **known == name).copied().unwrap();
    if patterns == "a" {
        names.sort_by_key(|name| *name != "Dockerfile");
    }
    names.into_iter().map(place).collect()
}

#[test]
fn a_folder_that_is_left_out_is_not_even_looked_into() {
    let folder = folder(&["Dockerfile", "a"]);
    write(&folder, ".dockerignore", "sockets\n");
    fs::create_dir(folder.path().join("sockets")).unwrap();
    let _socket = UnixListener::bind(folder.path().join("sockets/s")).unwrap();
    assert!(read(&folder).is_ok());
}

#[test]
fn what_is_sent_for_the_builder_alone_is_no_content() {
    let folder = folder(&["Dockerfile", "a"]);
    write(&folder, ".dockerignore", "Dockerfile\n.dockerignore");
    assert_eq!(
        names(&read(&folder).unwrap()),
        ["a", "Dockerfile", ".dockerignore"]
    );
    assert_eq!(content(&folder).keys().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_socket_is_told_with_what_to_do() {
    let folder = folder(&["Dockerfile"]);
    let _socket = UnixListener::bind(folder.path().join("s")).unwrap();
    let error = read(&folder).unwrap_err();
    let place = folder.path().join("s");
    assert_eq!(error.to_string(), format!("cannot send {}", place.display()));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "it is a socket; list it in .dockerignore");
}

#[test]
fn links_are_kept_as_links_and_programs_stay_programs() {
    let folder = folder(&["Dockerfile", "run.sh"]);
    symlink("../outside", folder.path().join("link")).unwrap();
    fs::set_permissions(folder.path().join("run.sh"), Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(folder.path().join("Dockerfile"), Permissions::from_mode(0o600)).unwrap();
    let entry = |name: &str, mode, content: &str| (name.to_owned(), mode, content.to_owned());
    assert_eq!(
        archived(&read(&folder).unwrap()),
        [
            entry("Dockerfile", 0o644, "Dockerfile"),
            entry("link", 0o777, "../outside"),
            entry("run.sh", 0o755, "run.sh"),
        ]
    );
}

#[test]
fn a_dockerfile_from_outside_goes_along() {
    let folder = folder(&["a"]);
    let outside = tempfile::tempdir().unwrap();
    let dockerfile = outside.path().join("App.Dockerfile");
    fs::write(&dockerfile, "FROM scratch").unwrap();
    let context = Context::read(folder.path(), &dockerfile).unwrap();
    let archived = archived(&context);
    assert_eq!(archived[1].0, context.dockerfile());
    assert_eq!(archived[1].2, "FROM scratch");
}

#[test]
fn long_names_and_names_that_are_not_utf_8_arrive() {
    use std::os::unix::ffi::OsStrExt as _;
    let long = format!("{}/{}", "d".repeat(90), "f".repeat(120));
    let folder = folder(&["Dockerfile", &long]);
    let odd = std::ffi::OsStr::from_bytes(b"a\xff");
    fs::write(folder.path().join(odd), "x").unwrap();
    let context = read(&folder).unwrap();
    assert!(archived(&context).iter().any(|(name, ..)| *name == long));
    assert!(names(&context).contains(&"a\\xff"));
}

#[test]
fn times_owners_and_masks_change_nothing() {
    let folder = folder(&["Dockerfile", "a"]);
    let before = (content(&folder), archived(&read(&folder).unwrap()));
    let file = fs::File::options()
        .write(true)
        .open(folder.path().join("a"))
        .unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(99_999))
        .unwrap();
    fs::set_permissions(folder.path().join("a"), Permissions::from_mode(0o664)).unwrap();
    assert_eq!((content(&folder), archived(&read(&folder).unwrap())), before);
}

#[test_case(|folder| write(folder, "a", "b"); "content")]
#[test_case(|folder| fs::set_permissions(folder.path().join("a"), Permissions::from_mode(0o755)).unwrap(); "the executable bit")]
#[test_case(|folder| { fs::remove_file(folder.path().join("a")).unwrap(); symlink("a", folder.path().join("a")).unwrap() }; "what it is")]
#[test_case(|folder| fs::rename(folder.path().join("a"), folder.path().join("b")).unwrap(); "the name")]
#[test_case(|folder| fs::create_dir(folder.path().join("b")).unwrap(); "an empty folder")]
fn whatever_a_build_can_see_is_told(change: fn(&TempDir)) {
    let folder = folder(&["Dockerfile", "a"]);
    let before = content(&folder);
    change(&folder);
    assert_ne!(content(&folder), before);
}

#[test]
fn digests_are_remembered_and_a_change_is_seen_whatever_the_clock_says() {
    let state = tempfile::tempdir().unwrap();
    let folder = folder(&["Dockerfile", "a"]);
    let digest = || read(&folder).unwrap().content(state.path(), &|| true).unwrap()["a"].clone();
    let first = digest();
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    for content in ["b", "c"] {
        write(&folder, "a", content);
        let file = fs::File::options()
            .write(true)
            .open(folder.path().join("a"))
            .unwrap();
        file.set_modified(old).unwrap();
        assert_ne!(digest(), first, "{content}");
    }
    write(&folder, "a", "a");
    assert_eq!(digest(), first);
}

#[test]
fn a_cache_that_is_broken_or_cannot_be_written_does_not_matter() {
    let folder = folder(&["Dockerfile", "a"]);
    let context = read(&folder).unwrap();
    let nowhere = Path::new("/proc/no/such");
    assert_eq!(context.content(nowhere, &|| true).unwrap(), content(&folder));
}

#[test]
fn reading_stops_when_told_so() {
    let folder = folder(&["Dockerfile", "a"]);
    let state = tempfile::tempdir().unwrap();
    let stopped = read(&folder).unwrap().content(state.path(), &|| false);
    assert!(matches!(stopped, Err(Error::Context { .. })));
}

#[test]
fn a_file_that_becomes_shorter_or_goes_while_it_is_sent_is_told() {
    let folder = folder(&["Dockerfile", "a"]);
    let context = read(&folder).unwrap();
    write(&folder, "a", "");
    let Err(Failure::From(error)) = context.write(Vec::new(), &mut |_| {}) else {
        panic!("a shorter file was sent");
    };
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "it became shorter meanwhile");
    fs::remove_file(folder.path().join("a")).unwrap();
    assert!(matches!(
        context.write(Vec::new(), &mut |_| {}),
        Err(Failure::From(_))
    ));
}

#[test]
fn a_reader_that_goes_away_ends_the_archive() {
    struct Gone;
    impl io::Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let folder = folder(&["Dockerfile"]);
    let written = read(&folder).unwrap().write(Gone, &mut |_| {});
    assert!(matches!(written, Err(Failure::To(_))));
}

#[test]
fn a_dockerfile_that_is_left_out_is_sent_and_known_as_hidden() {
    let folder = folder(&["Dockerfile", "a"]);
    assert!(!read(&folder).unwrap().hides_dockerfile());
    write(&folder, ".dockerignore", "Dockerfile\n.dockerignore\n");
    let context = read(&folder).unwrap();
    assert!(context.hides_dockerfile());
    assert_eq!(names(&context), ["a", "Dockerfile", ".dockerignore"]);
    assert_eq!(names(&context.without_ignore_file()), ["a", "Dockerfile"]);
    write(&folder, ".dockerignore", "b\n");
    let context = read(&folder).unwrap().without_ignore_file();
    assert_eq!(names(&context), [".dockerignore", "Dockerfile", "a"]);
}
