// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Claim, Context, Opened} from "../../src/game/Types.sol";
import {SlotRoot} from "../../src/service/SlotRoot.sol";
import {CounterLoop} from "./CounterLoop.sol";

/// @title A loop whose claimed output is a value: the slot root of the number's 8 bytes
/// @notice Its `open` payload begins with those bytes; the rest is the loop's, for the number as a root.
contract CounterTask is CounterLoop {
    error NotTheValue(bytes32 given, bytes32 claimed);

    function kind() external pure override returns (bytes32) {
        return "task";
    }

    function open(Context calldata, Claim calldata claim, bytes calldata payload)
        external
        pure
        override
        returns (Opened memory)
    {
        bytes32 given = SlotRoot.of_(payload[0:8]);
        if (given != claim.output) revert NotTheValue(given, claim.output);
        return _open(claim.program, bytes32(uint256(uint64(bytes8(payload[0:8])))), payload[8:]);
    }
}
