use std::io::{self, Write};

use opml_plugin_abi::SinkMut;
use opml_plugin_abi::abi_stable::std_types::RSlice;

/// The caller's sink, as a writer.
pub(crate) struct Output<'a>(pub(crate) SinkMut<'a>);

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.0.write(RSlice::from_slice(bytes)).into_result();
        taken.map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
