// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChunkZero} from "../tree/ChunkZero.sol";
import {VectorTree} from "../tree/VectorTree.sol";

/// @title The root of a value given as bytes (specs/tree.md)
library SlotRoot {
    /// A value has 1 … 2^28 − 128 bytes.
    error NotAValue(uint256 size);

    /// @dev The root of the slot that begins with `value`.
    function of_(bytes calldata value) internal pure returns (bytes32) {
        uint256 size = value.length;
        if (size == 0 || size > 2 ** 28 - 128) revert NotAValue(size);
        bytes32[] memory row = new bytes32[]((size + 127) / 128);
        assembly ("memory-safe") {
            let chunk := mload(0x40)
            let source := value.offset
            let target := add(row, 0x20)
            for { let end := add(source, and(size, not(127))) } lt(source, end) { source := add(source, 128) } {
                calldatacopy(chunk, source, 128)
                mstore(target, keccak256(chunk, 128))
                target := add(target, 0x20)
            }
            let tail := and(size, 127)
            if tail {
                calldatacopy(chunk, calldatasize(), 128)
                calldatacopy(chunk, source, tail)
                mstore(target, keccak256(chunk, 128))
            }
        }
        unchecked {
            uint256 count = row.length;
            uint256 height;
            for (; count > 1; ++height) {
                uint256 pairs = (count + 1) >> 1;
                for (uint256 i; i < pairs; ++i) {
                    bytes32 right = 2 * i + 1 < count ? row[2 * i + 1] : ChunkZero.root(height);
                    row[i] = VectorTree.pair(row[2 * i], right);
                }
                count = pairs;
            }
            return ChunkZero.fold(row[0], height, 21);
        }
    }
}
