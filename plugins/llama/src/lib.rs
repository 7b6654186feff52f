//! Plugin: the converter of models of the LLaMA family.

opml_plugin_export::plugin! {
    name: "llama",
    description: "The converter of models of the LLaMA family",
    converters: [opml_llama::LlamaConverter],
}
