use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolCall;
use opml_commit::Root;
use opml_contracts::{Artifact, Installation, Part, Refusals};
use opml_engine::Inspection;

use crate::chain::{CallError, Spent, TestChain};

alloy_sol_types::sol! {
    function entryRoot(bytes32 memoryRoot) external pure returns (bytes32 root);
    function inspect(bytes state) external pure returns (bool exited, uint8 exitCode, bytes32 memoryRoot);
    function step(bytes witness) external pure returns (bytes32 pre, bytes32 post);
}

/// A machine's contract, alone on a chain.
pub struct MachineContract {
    chain: TestChain,
    address: Address,
    refusals: Refusals,
}

impl MachineContract {
    /// The project's own machine of this name.
    ///
    /// # Panics
    /// When there is none.
    pub fn deployed(name: &str) -> MachineContract {
        let artifact = artifact_of(name);
        let mut chain = TestChain::default();
        let address = chain.deploy(&artifact.creation_code().clone().into());
        let mut refusals = Refusals::default();
        refusals.learn(&artifact);
        MachineContract {
            chain,
            address,
            refusals,
        }
    }

    /// The state roots before and after, and the cost; or the error's name and evidence.
    ///
    /// # Panics
    /// When the contract fails otherwise than with one of its named errors.
    pub fn step(&mut self, witness: &[u8]) -> Result<(Root, Root, Spent), String> {
        let call = stepCall {
            witness: Bytes::copy_from_slice(witness),
        };
        let (roots, spent) = self.call(&call)?;
        Ok((Root(roots.pre.0), Root(roots.post.0), spent))
    }

    /// The root of the entry state over a memory.
    ///
    /// # Panics
    /// When the contract refuses: every memory has one.
    pub fn entry_root(&mut self, memory: &Root) -> Root {
        let call = entryRootCall {
            memoryRoot: B256::from(memory.0),
        };
        Root(self.call(&call).expect("every memory has an entry state").0.0)
    }

    /// What a packed state says; or the error's name and evidence.
    ///
    /// # Panics
    /// When the contract fails otherwise than with one of its named errors.
    pub fn inspect(&mut self, state: &[u8]) -> Result<Inspection, String> {
        let call = inspectCall {
            state: Bytes::copy_from_slice(state),
        };
        let seen = self.call(&call)?.0;
        Ok(Inspection {
            exited: seen.exited,
            exit_code: seen.exitCode,
            memory_root: Root(seen.memoryRoot.0),
        })
    }

    fn call<C: SolCall>(&mut self, call: &C) -> Result<(C::Return, Spent), String> {
        self.chain.call(self.address, call).map_err(|error| match error {
            CallError::Reverted(reason) => named(&self.refusals, &reason),
            other => panic!("not a named error: {other}"),
        })
    }
}

/// The error that a contract refused with.
///
/// # Panics
/// When it has no name: an empty reason, a panic of the language, an error that no contract declares.
pub(crate) fn named(refusals: &Refusals, reason: &[u8]) -> String {
    let text = refusals.explain(reason);
    let nameless = ["no reason", "an unknown", "Panic(", "Error(", "0x"];
    assert!(
        !nameless.iter().any(|start| text.starts_with(start)),
        "not a named error: {text}"
    );
    text
}

/// The artifact of the project's own machine of this name.
///
/// # Panics
/// When there is none.
pub(crate) fn artifact_of(name: &str) -> Artifact {
    let all = Installation::standard().expect("the committed artifacts");
    let found = all
        .into_iter()
        .find(|installation| matches!(&installation.part, Part::Vm(vm) if vm == name));
    found.unwrap_or_else(|| panic!("no machine {name}")).artifact
}
