//! Names of components: which there are, what else they are called, and who needs whom.

use std::collections::{BTreeMap, HashSet};

use super::check::{checked, is_name};
use crate::cluster::spec::{Invalid, quoted};
use crate::project::spelling::advice;
use crate::project::yaml::{Complaint, Spanned};

/// What commands take for every component.
const ALL: &str = "all";

/// The names and aliases of components, each with the component it means.
#[derive(Default)]
pub(super) struct Names {
    known: Vec<String>,
    /// By the alias.
    aliases: BTreeMap<String, String>,
    /// Those that have a part in a deployment.
    deployed: Vec<String>,
}

impl Names {
    /// Takes a component's name.
    pub(super) fn add(&mut self, name: &Spanned<String>, deployed: bool) -> Result<String, Complaint> {
        let name = checked(name, |text| component_name("component", text))?;
        self.known.push(name.clone());
        if deployed {
            self.deployed.push(name.clone());
        }
        Ok(name)
    }

    /// Takes another name of the component `name`, once all names are known.
    pub(super) fn add_alias(&mut self, name: &str, alias: &Spanned<String>) -> Result<String, Complaint> {
        let text = checked(alias, |text| component_name("alias", text))?;
        let owner = match self.aliases.get(&text) {
            Some(owner) => format!("is another name of component '{owner}' already"),
            None if self.known.contains(&text) => "is the name of a component".to_owned(),
            None => {
                self.aliases.insert(text.clone(), name.to_owned());
                return Ok(text);
            }
        };
        Err((alias.referenced, format!("'{text}' {owner}")))
    }

    /// The components that are meant, each once.
    pub(super) fn needs(&self, texts: &[Spanned<String>]) -> Result<Vec<String>, Complaint> {
        let mut needs = Vec::new();
        for text in texts {
            let name = self.deployed(text)?;
            if needs.contains(&name) {
                return Err((text.referenced, format!("'{name}' is there twice")));
            }
            needs.push(name);
        }
        Ok(needs)
    }

    /// The component that is meant, which must have a part in a deployment.
    pub(super) fn deployed(&self, text: &Spanned<String>) -> Result<String, Complaint> {
        let name = &text.value;
        if self.deployed.contains(name) {
            return Ok(name.clone());
        }
        let message = if let Some(owner) = self.aliases.get(name) {
            format!("'{name}' is another name of component '{owner}'; write '{owner}' here")
        } else if self.known.contains(name) {
            format!("component '{name}' cannot be deployed: it has no manifests, downloads, charts or image")
        } else {
            let known: Vec<&str> = self.deployed.iter().map(String::as_str).collect();
            format!("there is no component {}; {}", quoted(name), advice(name, &known))
        };
        Err((text.referenced, message))
    }
}

/// A name for a component, as a message calls it: `component` or `alias`.
fn component_name(what: &str, text: &str) -> Result<String, Invalid> {
    if text == ALL {
        return Err(Invalid::new(format!(
            "'{ALL}' stands for every component and cannot be one's name"
        )));
    }
    if is_name(text) {
        return Ok(text.to_owned());
    }
    Err(Invalid::new(format!(
        "{what} {} needs a name of 1 to 63 lowercase letters, digits and inner hyphens",
        quoted(text)
    )))
}

/// Complains about components that need each other in a circle.
pub(super) fn check_circles(needs: &BTreeMap<&str, &[Spanned<String>]>) -> Result<(), Complaint> {
    let mut done = HashSet::new();
    for name in needs.keys() {
        visit(name, needs, &mut Vec::new(), &mut done)?;
    }
    Ok(())
}

/// Walks along the needs of `name`, to which `path` leads.
fn visit<'a>(
    name: &'a str,
    needs: &BTreeMap<&'a str, &'a [Spanned<String>]>,
    path: &mut Vec<&'a str>,
    done: &mut HashSet<&'a str>,
) -> Result<(), Complaint> {
    if done.contains(name) {
        return Ok(());
    }
    path.push(name);
    for need in needs.get(name).copied().unwrap_or_default() {
        if let Some(begin) = path.iter().position(|known| *known == need.value) {
            let circle = path[begin..].join(" needs ");
            let message = format!("{circle} needs {}: no order fits that", need.value);
            return Err((need.referenced, message));
        }
        visit(&need.value, needs, path, done)?;
    }
    path.pop();
    done.insert(name);
    Ok(())
}
