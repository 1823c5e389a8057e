//! Overlays laid over a base, object by object.

use super::file::Written;
use super::merge::{self, Misfit};
use super::scope::{Defined, Scope};
use super::{Error, Id, required};
use crate::project::spelling::nearest;

/// The objects of a component on their way from file to cluster.
#[derive(Debug)]
pub(super) struct Objects<'a> {
    namespace: Option<&'a str>,
    written: Vec<Written>,
}

impl<'a> Objects<'a> {
    /// The base: no object twice. `namespace` is that of objects that name none.
    pub(super) fn base(written: Vec<Written>, namespace: Option<&'a str>) -> Result<Self, Error> {
        let mut objects = Self {
            namespace,
            written: Vec::new(),
        };
        for new in written {
            match objects.position(&new) {
                Some(first) => return Err(new.twice(&objects.written[first])),
                None => objects.written.push(new),
            }
        }
        Ok(objects)
    }

    /// Lays an overlay over what is there. Several of its documents may be about one object: each comes on top of the last.
    pub(super) fn lay(&mut self, overlay: Vec<Written>) -> Result<(), Error> {
        overlay
            .into_iter()
            .try_for_each(|document| self.lay_one(document))
    }

    fn lay_one(&mut self, document: Written) -> Result<(), Error> {
        let deletes = merge::deletes(document.object.value());
        let misfit = |misfit: Misfit| document.invalid_at(&misfit.path, misfit.reason);
        let Some(at) = self.position(&document) else {
            if deletes {
                return Err(self.nothing_there(&document, "to delete"));
            }
            if let Some(part) = required::missing(&document.object) {
                let need = format!("to change, and a new one needs {part}");
                return Err(self.nothing_there(&document, &need));
            }
            merge::check_whole(document.object.value()).map_err(misfit)?;
            self.written.push(document);
            return Ok(());
        };
        if deletes {
            self.written.remove(at);
            return Ok(());
        }
        let base = self.written[at].object.value_mut();
        merge::merge(base, document.object.value()).map_err(misfit)
    }

    /// The object that has the same name, kind and namespace.
    fn position(&self, wanted: &Written) -> Option<usize> {
        let id = self.full_id(wanted);
        self.written
            .iter()
            .position(|written| self.full_id(written) == id)
    }

    /// An object without a namespace lives in the component's; what is not namespaced is told apart by its kind anyway.
    fn full_id(&self, written: &Written) -> Id {
        let mut id = written.object.id();
        if Scope::of(&id.group, &id.kind) == Scope::Cluster {
            id.namespace = None;
        } else if id.namespace.is_none() {
            id.namespace = self.namespace.map(str::to_owned);
        }
        id
    }

    fn nothing_there(&self, document: &Written, why: &str) -> Error {
        let id = self.full_id(document);
        let same_kind = |written: &&Written| {
            let other = written.object.id();
            (&other.group, &other.kind) == (&id.group, &id.kind)
        };
        let others = self.written.iter().filter(same_kind);
        let names: Vec<String> = others.map(|written| self.full_id(written).to_string()).collect();
        let wanted = id.to_string();
        let advice = match nearest(&wanted, names.iter().map(String::as_str)) {
            Some(name) => format!("; did you mean {name}?"),
            None if names.is_empty() => String::new(),
            None => format!("; there: {}", names.join(", ")),
        };
        document.invalid(format!("there is no {wanted} {why}{advice}"))
    }

    /// The objects with their namespaces.
    pub(super) fn finish(self) -> Vec<super::Object> {
        let defined = Defined::by(self.written.iter().map(|written| &written.object));
        let mut objects = Vec::new();
        for written in self.written {
            let mut object = written.object;
            let namespaced = defined.scope(&object) == Scope::Namespaced;
            if let Some(namespace) = self
                .namespace
                .filter(|_| namespaced && object.namespace().is_none())
            {
                object.set_namespace(namespace);
            }
            objects.push(object);
        }
        objects
    }
}
