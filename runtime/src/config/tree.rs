//! Values of all layers in one tree, each with its origin.

use std::fmt;

use super::Error;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody gave it.
    Nowhere,
    /// A place in a file; lines and columns count from 1, 0 is unknown.
    File {
        /// The file as it was named.
        file: String,
        /// Line.
        line: u64,
        /// Column in characters.
        column: u64,
    },
    /// An environment variable.
    Variable {
        /// Its name.
        name: String,
    },
    /// A flag.
    Flag {
        /// Its name as typed.
        name: String,
    },
}

impl Origin {
    /// A stronger origin wins.
    pub(super) fn strength(&self) -> u8 {
        match self {
            Self::Nowhere => 0,
            Self::File { .. } => 1,
            Self::Variable { .. } => 2,
            Self::Flag { .. } => 3,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("configuration"),
            Self::File { file, line: 0, .. } => f.write_str(file),
            Self::File { file, line, column } => write!(f, "{file}:{line}:{column}"),
            Self::Variable { name } => write!(f, "variable {name}"),
            Self::Flag { name } => write!(f, "flag {name}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    /// Text that YAML says is text.
    Text(String),
    /// Text of a variable or flag, which is what the field asks for.
    Raw(String),
    /// The path of the file that holds the value.
    FromFile(String),
    List(Vec<Tree>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Where the key stands, for keys that nobody knows.
    pub(super) origin: Origin,
    pub(super) value: Tree,
}

impl Tree {
    pub(super) fn empty() -> Self {
        Self {
            value: Value::Map(Vec::new()),
            origin: Origin::Nowhere,
        }
    }

    /// Lays a stronger tree over this one: maps merge key by key, everything else is replaced.
    pub(super) fn merge(&mut self, stronger: Self) {
        match (&mut self.value, stronger.value) {
            // An empty document says nothing.
            (Value::Map(_), Value::Null) => {}
            (Value::Map(entries), Value::Map(stronger_entries)) => {
                self.origin = stronger.origin;
                for entry in stronger_entries {
                    match entries.iter_mut().find(|known| known.key == entry.key) {
                        Some(known) => known.value.merge(entry.value),
                        None => entries.push(entry),
                    }
                }
            }
            (value, stronger_value) => {
                *value = stronger_value;
                self.origin = stronger.origin;
            }
        }
    }

    /// Sets the value at a path, making the maps on the way.
    pub(super) fn set(&mut self, path: &[String], text: &str, origin: &Origin) -> Result<(), Error> {
        let mut node = self;
        for (depth, key) in path.iter().enumerate() {
            if matches!(node.value, Value::Null) {
                node.value = Value::Map(Vec::new());
            }
            let Value::Map(entries) = &mut node.value else {
                return Err(Error::Invalid {
                    key: path[..depth].join("."),
                    origin: origin.clone(),
                    what: format!("{} gave it one value, so it has no keys of its own", node.origin),
                });
            };
            let index = entries
                .iter()
                .position(|entry| entry.key == *key)
                .unwrap_or_else(|| {
                    let value = Self {
                        value: Value::Null,
                        origin: origin.clone(),
                    };
                    entries.push(Entry {
                        key: key.clone(),
                        origin: origin.clone(),
                        value,
                    });
                    entries.len() - 1
                });
            node = &mut entries[index].value;
        }
        *node = Self {
            value: Value::Raw(text.to_owned()),
            origin: origin.clone(),
        };
        Ok(())
    }

    /// The same values, all given by `origin`.
    pub(super) fn with_origin(mut self, origin: &Origin) -> Self {
        self.origin = origin.clone();
        match &mut self.value {
            Value::List(items) => {
                for item in items {
                    *item = std::mem::replace(item, Self::empty()).with_origin(origin);
                }
            }
            Value::Map(entries) => {
                for entry in entries {
                    entry.origin = origin.clone();
                    entry.value = std::mem::replace(&mut entry.value, Self::empty()).with_origin(origin);
                }
            }
            _ => {}
        }
        self
    }
}
