//! Plugin: the converter of graphs in text.

opml_plugin_export::plugin! {
    name: "text",
    description: "The converter of graphs in text",
    converters: [opml_text::TextConverter],
}
