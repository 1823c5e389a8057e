//! Lists, maps and enum variants, item by item.

use std::vec;

use serde::Deserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
    value::StringDeserializer,
};

use super::{Fault, Reader};
use crate::config::tree::{Entry, Tree};

pub(super) struct Items {
    items: vec::IntoIter<Tree>,
    index: usize,
}

impl Items {
    pub(super) fn new(items: Vec<Tree>) -> Self {
        Self {
            items: items.into_iter(),
            index: 0,
        }
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.next() else {
            return Ok(None);
        };
        let (index, origin) = (self.index, item.origin.clone());
        self.index += 1;
        let value = seed.deserialize(Reader(item));
        value
            .map(Some)
            .map_err(|fault| fault.within(&index.to_string()).given_by(&origin))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

pub(super) struct Keys {
    entries: vec::IntoIter<Entry>,
    value: Option<(String, Tree)>,
}

impl Keys {
    pub(super) fn new(entries: Vec<Entry>) -> Self {
        Self {
            entries: entries.into_iter(),
            value: None,
        }
    }
}

fn text(key: String) -> StringDeserializer<Fault> {
    key.into_deserializer()
}

impl<'de> MapAccess<'de> for Keys {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(Entry { key, origin, value }) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some((key.clone(), value));
        seed.deserialize(text(key))
            .map(Some)
            .map_err(|fault| fault.given_by(&origin))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, value)) = self.value.take() else {
            return Err(Fault::invalid("a value was read before its key"));
        };
        let origin = value.origin.clone();
        seed.deserialize(Reader(value))
            .map_err(|fault| fault.within(&key).given_by(&origin))
    }
}

/// A map of one key: the variant and its content.
pub(super) struct Variant(pub(super) Entry);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Fault;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content), Fault> {
        let Entry { key, origin, value } = self.0;
        let variant = seed
            .deserialize(text(key.clone()))
            .map_err(|fault| fault.given_by(&origin))?;
        Ok((variant, Content { key, value }))
    }
}

pub(super) struct Content {
    key: String,
    value: Tree,
}

impl<'de> VariantAccess<'de> for Content {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        let fault = Fault::invalid("this choice takes no value").within(&self.key);
        Err(fault.given_by(&self.value.origin))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(Reader(self.value))
            .map_err(|fault| fault.within(&self.key))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        Reader(self.value)
            .deserialize_seq(visitor)
            .map_err(|fault| fault.within(&self.key))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        Reader(self.value)
            .deserialize_struct("", fields, visitor)
            .map_err(|fault| fault.within(&self.key))
    }
}
