//! The folder of definitions.

use std::path::{Path, PathBuf};

use contract::definition::{self, Definitions};

use super::Error;

/// Reads every `.yaml` and `.yml` file of a folder (not of folders in it), in the order of their names.
///
/// # Errors
/// The first file that cannot be read or is no definition; [`Error::NoFiles`] for a folder without any.
pub fn load(folder: &Path) -> Result<Definitions, Error> {
    let mut all = Definitions::default();
    for path in paths(folder)? {
        let text = std::fs::read_to_string(&path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        all.extend(definition::parse(&path.display().to_string(), &text)?)?;
    }
    Ok(all)
}

fn paths(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |source| Error::Read {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Error::NoFiles {
            folder: folder.to_owned(),
        });
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str =
        "apiVersion: jetstream.nats.io/v1beta2\nkind: Stream\nmetadata: {name: a}\nspec: {name: A}\n";

    #[test]
    fn the_files_of_a_folder_are_read_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.yaml"), STREAM.replace("name: A", "name: B")).unwrap();
        std::fs::write(folder.path().join("a.yml"), STREAM).unwrap();
        std::fs::write(folder.path().join("README.md"), "not YAML: [").unwrap();
        let names: Vec<String> = load(folder.path())
            .unwrap()
            .streams
            .into_iter()
            .map(|stream| stream.name)
            .collect();
        assert_eq!(names, ["A", "B"]);
    }

    #[test]
    fn one_stream_in_two_files_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), STREAM).unwrap();
        std::fs::write(folder.path().join("b.yaml"), STREAM).unwrap();
        let error = load(folder.path()).unwrap_err();
        assert!(
            matches!(&error, Error::Definition(source) if source.to_string() == "stream A is defined twice")
        );
    }

    #[test]
    fn a_folder_without_definitions_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(load(folder.path()), Err(Error::NoFiles { .. })));
    }
}
