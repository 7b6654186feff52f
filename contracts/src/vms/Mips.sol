// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Packed} from "../tree/Packed.sol";
import {IVm} from "./IVm.sol";
import {Execute} from "./mips/Execute.sol";
import {Fault} from "./mips/Fault.sol";
import {State, entryState, readState} from "./mips/State.sol";
import {Witness, WitnessReader} from "./witness/Witness.sol";
import {Word} from "./mips/Word.sol";

/// @title The MIPS machine (specs/mips.md)
/// @custom:machine mips
contract Mips is IVm {
    /// @inheritdoc IVm
    function entryRoot(bytes32 memoryRoot) external pure returns (bytes32) {
        return entryState(memoryRoot).root();
    }

    /// @inheritdoc IVm
    function inspect(bytes calldata packed)
        external
        pure
        returns (bool exited, uint8 exitCode, bytes32 memoryRoot)
    {
        (State state, bytes calldata rest) = readState(packed);
        Packed.finish(rest);
        return (state.exited(), state.exitCode(), state.memoryRoot());
    }

    /// @inheritdoc IVm
    function step(bytes calldata witness) external pure returns (bytes32 pre, bytes32 post) {
        (State state, bytes calldata rest) = readState(witness);
        pre = state.root();
        if (state.exited()) {
            Packed.finish(rest);
            return (pre, pre);
        }
        uint256 pc = state.pc();
        uint256 fault = Fault.FETCH;
        if (pc & 3 != 0 || pc >> 28 != 0) {
            Packed.finish(rest);
        } else {
            Witness memory proven = WitnessReader.read(rest, pc, state.memoryRoot());
            fault = Execute.execute(state, Word.wrap(WitnessReader.fetch(proven, pc)), proven);
            WitnessReader.finish(proven);
        }
        if (fault != Fault.NONE) state.halt(fault);
        post = state.root();
    }
}
