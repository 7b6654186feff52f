use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolInterface;
use opml_contracts_test::{CallError, Spent, TestChain};

mod artifact {
    alloy_sol_types::sol!(
        #[derive(Debug, PartialEq, Eq)]
        RiscV,
        "../artifacts/RiscV.json"
    );
}
use artifact::RiscV;
pub(crate) use artifact::RiscV::RiscVErrors as Error;

/// The deployed machine.
pub(crate) struct Contract {
    chain: TestChain,
    address: Address,
}

impl Contract {
    pub(crate) fn deployed() -> Self {
        let mut chain = TestChain::default();
        let address = chain.deploy(&RiscV::BYTECODE);
        Contract { chain, address }
    }

    /// The roots before and after, and the cost; or the named error.
    pub(crate) fn step(&mut self, witness: &[u8]) -> Result<(B256, B256, Spent), Error> {
        let call = RiscV::stepCall {
            witness: Bytes::copy_from_slice(witness),
        };
        let (roots, spent) = self.chain.call(self.address, &call).map_err(named)?;
        Ok((roots.pre, roots.post, spent))
    }

    pub(crate) fn entry_root(&mut self, memory: B256) -> B256 {
        let call = RiscV::entryRootCall { memoryRoot: memory };
        self.chain
            .call(self.address, &call)
            .expect("every memory has an entry state")
            .0
    }

    pub(crate) fn inspect(&mut self, state: &[u8]) -> Result<(bool, u8, B256), Error> {
        let call = RiscV::inspectCall {
            packed: Bytes::copy_from_slice(state),
        };
        let seen = self.chain.call(self.address, &call).map_err(named)?.0;
        Ok((seen.exited, seen.exitCode, seen.memoryRoot))
    }
}

fn named(error: CallError) -> Error {
    match &error {
        CallError::Reverted(data) => Error::abi_decode_validate(data).unwrap_or_else(|_| panic!("no name: {error}")),
        _ => panic!("not a revert: {error}"),
    }
}
