//! The section `image:` of a component: what it is called and what it is made from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use serde_saphyr::Location;

use super::check::{self, checked, exact_version, optional, repository, word};
use super::image_files::{self, FilesDocument};
use crate::cluster::spec::{Invalid, quoted};
use crate::project::image::{Build, CargoBuild, DockerfileBuild, GitBuild, Image};
use crate::project::spelling::advice;
use crate::project::yaml::{Complaint, Ordered, Scalar, Spanned};

/// An image that `ratectl deploy` builds, pushes and names by its digest.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = ways)]
pub(super) struct ImageDocument {
    /// Its repository without registry, tag and digest. An `image:` of this repository in the manifests stands for the one that was
    /// built.
    #[schemars(extend("pattern" = check::REPOSITORY_PATTERN))]
    name: Spanned<String>,
    /// How it is made: `cargo` (a static binary compiled on this machine, alone in its image), `dockerfile` or `git` (a Dockerfile in
    /// a repository).
    #[schemars(extend("enum" = BUILDS))]
    build: Spanned<String>,
    /// `cargo`: the package whose binary becomes the entry point.
    package: Option<Spanned<String>>,
    /// `cargo`: which binary of the package. Default: the one named as the package.
    binary: Option<Spanned<String>>,
    /// `cargo`: the exact version on crates.io, for a program that is not of this project.
    #[schemars(extend("pattern" = check::VERSION_PATTERN))]
    version: Option<Spanned<String>>,
    /// `cargo`: the folder of `Cargo.toml`, by default the project's. `git`: the folder in the repository that is the context, by
    /// default its root.
    folder: Option<Spanned<String>>,
    /// `cargo`: the Cargo profile. Default: that of the profile that is deployed to, or `release`.
    profile: Option<Spanned<String>>,
    /// `cargo`: features to compile with.
    features: Option<Spanned<Vec<String>>>,
    /// `cargo`: whether the package's default features are on besides. Default: `true`.
    #[serde(rename = "defaultFeatures")]
    default_features: Option<Spanned<bool>>,
    /// `cargo`: files and folders that go into the image besides, each with its absolute path there, or a mapping for those that a
    /// command makes.
    files: Option<Spanned<Ordered<Spanned<FilesDocument>>>>,
    /// `cargo`: the arguments that the program gets when the manifest names none.
    command: Option<Spanned<Vec<String>>>,
    /// `dockerfile`: the context folder. Default: the project's folder.
    context: Option<Spanned<String>>,
    /// `dockerfile`, `git`: the Dockerfile, relative to the context. Default: `Dockerfile`.
    dockerfile: Option<Spanned<String>>,
    /// `dockerfile`, `git`: the stage that becomes the image. Default: the last one.
    target: Option<Spanned<String>>,
    /// `dockerfile`, `git`: build arguments.
    #[schemars(with = "Option<BTreeMap<String, Scalar>>")]
    args: Option<Spanned<BTreeMap<String, String>>>,
    /// `dockerfile`, `git`: such as `linux/amd64`. Default: that of the engine.
    platform: Option<Spanned<String>>,
    /// `git`: any URL that git understands.
    url: Option<Spanned<String>>,
    /// `git`: a branch, tag or commit; it is pinned to a commit before anything is built. Default: the `HEAD` of the repository.
    #[serde(rename = "ref")]
    reference: Option<Spanned<String>>,
}

/// The ways to make an image.
pub(super) const BUILDS: [&str; 3] = ["cargo", "dockerfile", "git"];

/// The keys that not every way knows, each with the ways that do.
pub(super) const KEYS: [(&str, &[&str]); 16] = [
    ("package", &["cargo"]),
    ("binary", &["cargo"]),
    ("version", &["cargo"]),
    ("folder", &["cargo", "git"]),
    ("profile", &["cargo"]),
    ("features", &["cargo"]),
    ("defaultFeatures", &["cargo"]),
    ("files", &["cargo"]),
    ("command", &["cargo"]),
    ("context", &["dockerfile"]),
    ("dockerfile", &["dockerfile", "git"]),
    ("target", &["dockerfile", "git"]),
    ("args", &["dockerfile", "git"]),
    ("platform", &["dockerfile", "git"]),
    ("url", &["git"]),
    ("ref", &["git"]),
];

/// The schema of an image with what each way needs, and without what it does not know.
fn ways(schema: &mut schemars::Schema) {
    let rule = |way: &str, needs: &[&str]| {
        let foreign = KEYS.iter().filter(|(_, ways)| !ways.contains(&way));
        let properties: serde_json::Map<String, Value> = foreign
            .map(|(key, _)| ((*key).to_owned(), Value::Bool(false)))
            .collect();
        let then = json!({"properties": properties, "required": needs});
        json!({"if": {"properties": {"build": {"const": way}}}, "then": then})
    };
    let both = json!({"not": {"required": ["version", "folder"]}});
    let rules = json!([
        rule("cargo", &["package"]),
        rule("dockerfile", &[]),
        rule("git", &["url"]),
        both
    ]);
    schema.insert("allOf".to_owned(), rules);
}

/// What the section says.
pub(super) fn read(root: &Path, image: Spanned<ImageDocument>) -> Result<Image, Complaint> {
    let Spanned { value, referenced } = image;
    let name = checked(&value.name, repository)?;
    let way = value.build.value.clone();
    if !BUILDS.contains(&way.as_str()) {
        let message = format!(
            "{} is no way to make an image; {}",
            quoted(&way),
            advice(&way, &BUILDS)
        );
        return Err((value.build.referenced, message));
    }
    value.refuse_keys_of_others(&way)?;
    let build = match way.as_str() {
        "cargo" => Build::Cargo(value.cargo(root, referenced)?),
        "dockerfile" => Build::Dockerfile(value.dockerfile(root)?),
        _ => Build::Git(value.git(referenced)?),
    };
    Ok(Image { name, build })
}

impl ImageDocument {
    /// The places of the keys that are given, in the order of [`KEYS`].
    fn places(&self) -> [Option<Location>; KEYS.len()] {
        fn place<T>(value: Option<&Spanned<T>>) -> Option<Location> {
            value.map(|value| value.referenced)
        }
        [
            place(self.package.as_ref()),
            place(self.binary.as_ref()),
            place(self.version.as_ref()),
            place(self.folder.as_ref()),
            place(self.profile.as_ref()),
            place(self.features.as_ref()),
            place(self.default_features.as_ref()),
            place(self.files.as_ref()),
            place(self.command.as_ref()),
            place(self.context.as_ref()),
            place(self.dockerfile.as_ref()),
            place(self.target.as_ref()),
            place(self.args.as_ref()),
            place(self.platform.as_ref()),
            place(self.url.as_ref()),
            place(self.reference.as_ref()),
        ]
    }

    fn refuse_keys_of_others(&self, way: &str) -> Result<(), Complaint> {
        for ((key, ways), place) in KEYS.iter().zip(self.places()) {
            if let Some(place) = place.filter(|_| !ways.contains(&way)) {
                let ways = ways.join("' and 'build: ");
                let message = format!("'{key}' belongs to 'build: {ways}', not to 'build: {way}'");
                return Err((place, message));
            }
        }
        Ok(())
    }

    fn cargo(self, root: &Path, place: Location) -> Result<CargoBuild, Complaint> {
        let package = needed(self.package.as_ref(), place, "'build: cargo' needs a 'package'")?;
        let package = checked(package, |text| word("a package", text))?;
        if let (Some(_), Some(folder)) = (&self.version, &self.folder) {
            let message =
                "'version' means a package of crates.io, 'folder' one of this project: leave one out";
            return Err((folder.referenced, message.to_owned()));
        }
        Ok(CargoBuild {
            folder: folder(root, self.folder.as_ref()),
            binary: optional(self.binary.as_ref(), |text| word("a binary", text))?
                .unwrap_or_else(|| package.clone()),
            package,
            version: optional(self.version.as_ref(), exact_version)?,
            profile: optional(self.profile.as_ref(), |text| word("a Cargo profile", text))?,
            features: list(self.features),
            default_features: self.default_features.is_none_or(|on| on.value),
            files: self
                .files
                .map_or_else(|| Ok(Vec::new()), |given| image_files::read(root, given.value))?,
            command: list(self.command),
        })
    }

    fn dockerfile(self, root: &Path) -> Result<DockerfileBuild, Complaint> {
        let context = folder(root, self.context.as_ref());
        let dockerfile = self.dockerfile.as_ref().map_or("Dockerfile", |file| &file.value);
        Ok(DockerfileBuild {
            dockerfile: context.join(dockerfile),
            context,
            target: optional(self.target.as_ref(), |text| word("a stage", text))?,
            args: self.args.map(|args| args.value).unwrap_or_default(),
            platform: optional(self.platform.as_ref(), platform)?,
        })
    }

    fn git(self, place: Location) -> Result<GitBuild, Complaint> {
        let url = needed(
            self.url.as_ref(),
            place,
            "'build: git' needs the 'url' of a repository",
        )?;
        let inside = |path: Option<&Spanned<String>>| optional(path, path_inside);
        Ok(GitBuild {
            url: checked(url, |text| word("a URL", text))?,
            reference: optional(self.reference.as_ref(), |text| {
                word("a branch, tag or commit", text)
            })?,
            folder: inside(self.folder.as_ref())?,
            dockerfile: inside(self.dockerfile.as_ref())?,
            target: optional(self.target.as_ref(), |text| word("a stage", text))?,
            args: self.args.map(|args| args.value).unwrap_or_default(),
            platform: optional(self.platform.as_ref(), platform)?,
        })
    }
}

fn needed<'a>(
    value: Option<&'a Spanned<String>>,
    place: Location,
    complaint: &str,
) -> Result<&'a Spanned<String>, Complaint> {
    value.ok_or_else(|| (place, complaint.to_owned()))
}

fn list(values: Option<Spanned<Vec<String>>>) -> Vec<String> {
    values.map(|values| values.value).unwrap_or_default()
}

/// The folder, from the project's.
fn folder(root: &Path, folder: Option<&Spanned<String>>) -> PathBuf {
    folder.map_or_else(|| root.to_owned(), |folder| root.join(&folder.value))
}

/// A relative path that stays where it begins.
fn path_inside(text: &str) -> Result<String, Invalid> {
    let path = Path::new(text);
    let stays = path.components().all(|part| {
        matches!(
            part,
            std::path::Component::Normal(_) | std::path::Component::CurDir
        )
    });
    if stays && !text.is_empty() && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Invalid::new(format!(
        "{} is no path inside the repository",
        quoted(text)
    )))
}

/// `os/architecture`, perhaps with a variant.
fn platform(text: &str) -> Result<String, Invalid> {
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let parts = text.split('/').count();
    if (2..=3).contains(&parts) && text.split('/').all(plain) {
        return Ok(text.to_owned());
    }
    Err(Invalid::new(format!(
        "{} is no platform, such as linux/amd64",
        quoted(text)
    )))
}
