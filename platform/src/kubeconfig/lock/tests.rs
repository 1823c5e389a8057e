use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    (folder, path)
}

fn take(path: &Path) -> Result<Locks, Error> {
    Locks::take(&[path.to_owned()], Duration::ZERO)
}

fn note(pid: u32, host: &str) -> Vec<u8> {
    let since = "2026-01-02T03:04:05Z".to_owned();
    let note = Note {
        ratectl: pid,
        host: host.to_owned(),
        since,
    };
    serde_json::to_vec(&note).unwrap()
}

#[test]
fn the_second_one_is_told_who_holds_the_lock() {
    let (_folder, path) = file();
    let lock = take(&path).unwrap();
    let error = take(&path).unwrap_err().to_string();
    let expected = format!(
        "is locked by ratectl with process id {} on {}",
        std::process::id(),
        host()
    );
    assert!(error.contains(&expected), "{error}");
    drop(lock);
    assert!(!beside(&path).exists());
    take(&path).unwrap();
}

#[test]
fn a_lock_of_a_process_that_is_gone_is_taken_over() {
    let (_folder, path) = file();
    fs::write(beside(&path), note(1, &host())).unwrap();
    let lock = take(&path).unwrap();
    let holder = holder(&beside(&path));
    assert!(matches!(holder, Holder::Ratectl { pid, .. } if pid == std::process::id()));
    drop(lock);
    assert!(!beside(&path).exists());
}

#[test]
fn a_lock_of_another_machine_is_respected() {
    let (_folder, path) = file();
    fs::write(beside(&path), note(1, "elsewhere\u{1b}[31m")).unwrap();
    let error = take(&path).unwrap_err().to_string();
    assert!(
        error.contains("process id 1 on elsewhere[31m since 2026-01-02T03:04:05Z"),
        "{error}"
    );
    assert!(beside(&path).exists());
}

#[test]
fn a_lock_of_kubectl_is_respected_and_told_with_its_age() {
    let (_folder, path) = file();
    let lock = File::create(beside(&path)).unwrap();
    lock.set_permissions(fs::Permissions::from_mode(0o000)).unwrap();
    lock.set_modified(SystemTime::now() - Duration::from_mins(2))
        .unwrap();
    let Error::Locked {
        holder: Holder::Other { age: Some(age) },
        lock,
        ..
    } = take(&path).unwrap_err()
    else {
        panic!("another error");
    };
    assert!(age >= Duration::from_mins(2), "{age:?}");
    assert_eq!(lock, beside(&path));
}

#[test]
fn one_file_by_two_names_is_one_lock() {
    let (folder, path) = file();
    fs::write(&path, "").unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("config", &link).unwrap();
    let lock = take(&link).unwrap();
    take(&path).unwrap_err();
    drop(lock);
    take(&path).unwrap();
}

#[test]
fn a_lock_that_somebody_has_replaced_is_left_to_them() {
    let (_folder, path) = file();
    let lock = take(&path).unwrap();
    fs::remove_file(beside(&path)).unwrap();
    fs::write(beside(&path), "").unwrap();
    drop(lock);
    assert!(beside(&path).exists());
}

#[test]
fn nothing_stays_locked_when_one_of_several_cannot_be() {
    let (folder, path) = file();
    let other = folder.path().join("other");
    fs::write(beside(&other), "").unwrap();
    Locks::take(&[path.clone(), other], Duration::ZERO).unwrap_err();
    assert!(!beside(&path).exists());
}

#[test]
fn many_threads_that_find_a_stale_lock_hold_it_one_after_the_other() {
    let (_folder, path) = file();
    fs::write(beside(&path), note(1, &host())).unwrap();
    let inside = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let lock = Locks::take(std::slice::from_ref(&path), Duration::from_mins(1)).unwrap();
                    assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                    std::thread::yield_now();
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    drop(lock);
                }
            });
        }
    });
    assert!(!beside(&path).exists());
}
