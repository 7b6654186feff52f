use opml_graph::ConvertError;
use tract_onnx::pb::AttributeProto;
use tract_onnx::pb::attribute_proto::AttributeType;

use crate::error::refused;

/// A node's attributes, read by name and type.
pub(super) struct Attributes<'a> {
    node: String,
    attributes: &'a [AttributeProto],
}

impl<'a> Attributes<'a> {
    pub(super) fn new(node: String, attributes: &'a [AttributeProto]) -> Attributes<'a> {
        Attributes { node, attributes }
    }

    /// Refuses attributes that the operator's reader does not know: they would change what it means.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ConvertError> {
        match self
            .attributes
            .iter()
            .find(|attribute| !known.contains(&attribute.name.as_str()))
        {
            None => Ok(()),
            Some(unknown) => Err(self.refuse(&unknown.name, "is not supported")),
        }
    }

    /// The refusal of attribute `name`.
    pub(super) fn refuse(&self, name: &str, reason: &str) -> ConvertError {
        refused(
            &self.node,
            format!("attribute `{name}` of node `{}` {reason}", self.node),
            "export the model without it",
        )
    }

    fn get(&self, name: &str, kind: AttributeType) -> Result<Option<&'a AttributeProto>, ConvertError> {
        match self.attributes.iter().find(|attribute| attribute.name == name) {
            Some(found) if found.r#type != kind as i32 => Err(self.refuse(name, "has the wrong type")),
            found => Ok(found),
        }
    }

    pub(super) fn float(&self, name: &str, default: f32) -> Result<f32, ConvertError> {
        match self.get(name, AttributeType::Float)?.map_or(default, |found| found.f) {
            value if value.is_nan() => Err(self.refuse(name, "is not a number")),
            value => Ok(value),
        }
    }

    pub(super) fn int(&self, name: &str, default: i64) -> Result<i64, ConvertError> {
        Ok(self.get(name, AttributeType::Int)?.map_or(default, |found| found.i))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, ConvertError> {
        let found = self.get(name, AttributeType::String)?;
        let text = found.map(|found| std::str::from_utf8(&found.s));
        text.transpose().map_err(|_| self.refuse(name, "is not text"))
    }

    /// A list of `N` numbers, each `least` … 65,535; `default` when the attribute is absent.
    pub(super) fn sizes<const N: usize>(
        &self,
        name: &str,
        least: u32,
        default: [u32; N],
    ) -> Result<[u32; N], ConvertError> {
        let Some(found) = self.get(name, AttributeType::Ints)? else {
            return Ok(default);
        };
        let sizes: Option<Vec<u32>> = found
            .ints
            .iter()
            .map(|&size| u32::try_from(size).ok().filter(|size| (least..=0xFFFF).contains(size)))
            .collect();
        sizes.and_then(|sizes| <[u32; N]>::try_from(sizes).ok()).ok_or_else(|| {
            let reason = format!("is {:?}; it must be {N} numbers from {least} to 65535", found.ints);
            self.refuse(name, &reason)
        })
    }
}
