//! The framework's errors as numeric codes and figures.

use opml_engine::VmError;
use opml_graph::{ComputeError, ConvertError};
use opml_plugin_abi::{Error, code};

pub(crate) fn of_vm(error: VmError) -> Error {
    match error {
        VmError::Region { address, length } => {
            Error::new(code::REGION, error.to_string()).with_figures([u64::from(address), length as u64])
        }
        VmError::Backward { at, asked } => Error::new(code::BACKWARD, error.to_string()).with_figures([at, asked]),
        VmError::Witness { reason } => Error::new(code::WITNESS, reason),
        VmError::Guest { reason } => Error::new(code::GUEST, reason),
        VmError::Backend { reason } => Error::new(code::FAILED, reason),
    }
}

pub(crate) fn of_compute(error: ComputeError) -> Error {
    match error {
        ComputeError::NotAdmitted { tag, reason } => Error::new(code::NOT_ADMITTED, reason).of_operator(tag),
        ComputeError::Size {
            tag,
            what,
            expected,
            actual,
        } => Error::new(code::SIZE, what)
            .of_operator(tag)
            .with_figures([expected as u64, actual as u64]),
        ComputeError::Backend { reason } => Error::new(code::FAILED, reason),
    }
}

pub(crate) fn of_convert(error: ConvertError) -> Error {
    let number = if error.code == 2 { code::USER } else { code::FAILED };
    Error::new(number, error.message).at(error.place).with_help(error.help)
}
