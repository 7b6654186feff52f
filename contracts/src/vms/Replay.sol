// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IVm} from "./IVm.sol";

/// @title Calling a machine to replay a step
library Replay {
    /// The machine ran out of gas, or what is at its address is no machine.
    error NoReplay(address vm);

    /// @dev The state roots before and after. Whatever reverts in the machine reverts the caller, with the machine's reason.
    function step(address vm, bytes calldata witness) internal view returns (bytes32 pre, bytes32 post) {
        bytes4 selector = IVm.step.selector;
        bool done;
        assembly ("memory-safe") {
            let message := mload(0x40)
            mstore(message, selector)
            mstore(add(message, 0x04), 0x20)
            mstore(add(message, 0x24), witness.length)
            calldatacopy(add(message, 0x44), witness.offset, witness.length)
            done := staticcall(gas(), vm, message, add(witness.length, 0x44), 0, 0x40)
            if and(iszero(done), gt(returndatasize(), 0)) {
                returndatacopy(message, 0, returndatasize())
                revert(message, returndatasize())
            }
            done := and(done, eq(returndatasize(), 0x40))
            pre := mload(0)
            post := mload(0x20)
        }
        if (!done) revert NoReplay(vm);
    }
}
