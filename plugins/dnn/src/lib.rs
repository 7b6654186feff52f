//! Plugin: operators, native kernels and guest images.

opml_plugin_export::plugin! {
    name: "dnn",
    description: "Operators with native kernels and guest images",
    computes: [opml_native::Native],
}
