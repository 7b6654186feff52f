use crate::Spec;

/// The JSON schema of a spec, from the types, for editors (`specs/schema/spec.schema.json`).
pub fn schema() -> String {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Spec)).expect("a schema is plain data");
    text.push('\n');
    text
}
