//! The section `components:` as a whole: names, needs, and what no two components can have.

use std::path::Path;

use serde_saphyr::Location;

use super::component::ComponentDocument;
use super::names::{self, Names};
use crate::project::yaml::{Complaint, Ordered, Spanned};
use crate::project::{Component, Dev};

/// What a component says about its place among the others.
struct Said {
    place: Location,
    aliases: Vec<Spanned<String>>,
    needs: Vec<Spanned<String>>,
}

/// The components in the order of the file, and their names.
pub(super) fn read(
    root: &Path,
    documents: Option<Ordered<ComponentDocument>>,
) -> Result<(Vec<Component>, Names), Complaint> {
    let mut names = Names::default();
    let mut components = Vec::new();
    let mut said = Vec::new();
    for (name, document) in documents.map_or_else(Vec::new, |documents| documents.0) {
        let mut document = document.unwrap_or_default();
        said.push(Said {
            place: name.referenced,
            aliases: document.aliases.take().unwrap_or_default(),
            needs: document.needs.clone().unwrap_or_default(),
        });
        let name = names.add(&name, document.has_deployment())?;
        components.push(document.read(root, name)?);
    }
    for (component, said) in components.iter_mut().zip(&said) {
        let aliases = said.aliases.iter();
        let aliases = aliases.map(|alias| names.add_alias(&component.name, alias));
        component.aliases = aliases.collect::<Result<_, _>>()?;
    }
    for (at, said) in said.iter().enumerate() {
        let (earlier, rest) = components.split_at_mut(at);
        check_beside(earlier, &rest[0]).map_err(|message| (said.place, message))?;
        if let Some(deployment) = &mut rest[0].deployment {
            deployment.needs = names.needs(&said.needs)?;
        }
    }
    let needs = said.iter().map(|said| said.needs.as_slice());
    let needs = components
        .iter()
        .map(|component| component.name.as_str())
        .zip(needs);
    names::check_circles(&needs.collect())?;
    Ok((components, names))
}

/// What a component cannot have because another has it.
fn check_beside(earlier: &[Component], component: &Component) -> Result<(), String> {
    let name = &component.name;
    for other in earlier {
        let other_name = &other.name;
        if let Some(path) = path(component).filter(|own| path(other) == Some(own)) {
            return Err(format!(
                "two components have their files under {path}: '{other_name}' and '{name}'"
            ));
        }
        if let Some(image) = image(component).filter(|own| image(other) == Some(own)) {
            return Err(format!(
                "two components have an image called {image}: '{other_name}' and '{name}'"
            ));
        }
        if manages_streams(component) && manages_streams(other) {
            return Err(format!(
                "two components have 'managesStreams': '{other_name}' and '{name}'"
            ));
        }
    }
    Ok(())
}

fn path(component: &Component) -> Option<&str> {
    match &component.dev {
        Some(Dev::Static(files)) => Some(&files.path),
        _ => None,
    }
}

fn image(component: &Component) -> Option<&str> {
    let image = component.deployment.as_ref()?.image.as_ref()?;
    Some(&image.name)
}

fn manages_streams(component: &Component) -> bool {
    let deployment = component.deployment.as_ref();
    deployment.is_some_and(|deployment| deployment.manages_streams)
}
