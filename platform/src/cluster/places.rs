//! Values of a document, with the file and the place they come from.

use std::path::Path;
use std::sync::Arc;

use super::spec::{Invalid, Origin, Said};
use crate::project::yaml::{Complaint, Spanned};

/// Turns texts with their places into values with their origin.
pub(crate) struct Places {
    file: Arc<Path>,
}

impl Places {
    pub(crate) fn of(file: &Path) -> Self {
        Self { file: file.into() }
    }

    pub(crate) fn said<T>(&self, spanned: Spanned<T>) -> Said<T> {
        let place = spanned.referenced;
        let origin = Origin::File {
            file: Arc::clone(&self.file),
            line: place.line().max(1),
            column: place.column().max(1),
        };
        Said::new(spanned.value, origin)
    }

    pub(crate) fn one<T, U>(
        &self,
        spanned: Option<Spanned<T>>,
        parse: impl FnOnce(&T) -> Result<U, Invalid>,
    ) -> Result<Option<Said<U>>, Complaint> {
        let Some(spanned) = spanned else { return Ok(None) };
        let place = spanned.referenced;
        let said = self.said(spanned);
        let value = parse(&said.value).map_err(|error| (place, error.to_string()))?;
        Ok(Some(Said::new(value, said.origin)))
    }

    pub(crate) fn plain<T, U>(
        &self,
        spanned: Option<Spanned<T>>,
        parse: impl FnOnce(&T) -> Result<U, Invalid>,
    ) -> Result<Option<U>, Complaint> {
        Ok(self.one(spanned, parse)?.map(|said| said.value))
    }

    pub(crate) fn all<U>(
        &self,
        spanned: Vec<Spanned<String>>,
        parse: impl Fn(&str) -> Result<U, Invalid>,
    ) -> Result<Vec<Said<U>>, Complaint> {
        let said = spanned
            .into_iter()
            .map(|one| self.one(Some(one), |text| parse(text)));
        said.filter_map(Result::transpose).collect()
    }
}
