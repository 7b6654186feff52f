use opml_plugin_loader::{PLUGIN_DIR, Plugins, SearchPath};

use crate::failure::Failure;
use crate::prepare::plugin_failure;
use crate::terminal::TerminalHost;

/// The plugins of this distribution.
const OWN: &[&str] = &["onnx", "llama", "text", "dnn", "mips", "riscv"];

/// Loads the named plugins, or the distribution's own, and lists what they provide. All are tried before failing.
pub(crate) fn plugins(names: &[String]) -> Result<(), Failure> {
    let host = TerminalHost::new(true, 1);
    let own: Vec<String> = OWN.iter().copied().map(String::from).collect();
    let names = if names.is_empty() { &own[..] } else { names };
    let mut plugins = Plugins::new(SearchPath::standard());
    let failures: Vec<Failure> = names
        .iter()
        .filter_map(|name| plugins.load(name, &host).err())
        .map(plugin_failure)
        .collect();
    for description in plugins.describe() {
        anstream::println!("{description}\n");
    }
    let Some(code) = failures.iter().map(|failure| failure.code).max() else {
        return Ok(());
    };
    let messages: Vec<String> = failures.into_iter().map(|failure| failure.message).collect();
    let help = format!(
        "plugins are searched beside the program and in ${PLUGIN_DIR}; `opml-run plugins NAME-OR-PATH` tries one"
    );
    Err(Failure {
        code,
        message: messages.join("\n"),
        help,
    })
}
