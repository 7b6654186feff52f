// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChunkZero, EMPTY_SLOT} from "../tree/ChunkZero.sol";
import {reverse32} from "../tree/LittleEndian.sol";
import {VectorTree} from "../tree/VectorTree.sol";

/// What the machine is called with (specs/machine.md).
struct Call {
    /// One of EntryMemory's MODE constants.
    uint256 mode;
    uint256 blockIndex;
    uint256 inputCount;
    uint256 outputBytes;
}

/// @title The memory that a machine starts with
library EntryMemory {
    uint256 internal constant MODE_NODE = 1;
    uint256 internal constant MODE_BLOCK = 2;
    uint256 internal constant MODE_GRAPH = 3;

    /// @dev The root over the sixteen slots: image, record and call chunk, empty, output, inputs.
    function root(bytes32 image, bytes32 recordRoot, Call memory call, bytes32 output, bytes32[12] memory inputs)
        internal
        pure
        returns (bytes32)
    {
        bytes32[] memory slots = new bytes32[](16);
        slots[0] = image;
        slots[1] = VectorTree.pair(recordRoot, callRoot(call));
        slots[2] = EMPTY_SLOT;
        slots[3] = output;
        for (uint256 input; input < 12; ++input) slots[4 + input] = inputs[input];
        return VectorTree.root(slots);
    }

    /// @dev The root of the half slot that begins with the call chunk.
    function callRoot(Call memory call) private pure returns (bytes32) {
        bytes memory chunk = abi.encodePacked(
            bytes4(uint32(reverse32(call.mode))),
            bytes4(uint32(reverse32(call.blockIndex))),
            bytes4(uint32(reverse32(call.inputCount))),
            bytes4(uint32(reverse32(call.outputBytes))),
            new bytes(112)
        );
        return ChunkZero.fold(keccak256(chunk), 0, 20);
    }
}
