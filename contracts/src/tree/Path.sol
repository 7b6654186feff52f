// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Packed} from "./Packed.sol";

/// @title Paths: a node's siblings, bottom-up
library Path {
    /// @dev Reads `count` siblings off the front of `payload`.
    function read(bytes calldata payload, uint256 count)
        internal
        pure
        returns (bytes32[] memory siblings, bytes calldata rest)
    {
        bytes calldata part;
        (part, rest) = Packed.take(payload, count * 32);
        siblings = new bytes32[](count);
        assembly ("memory-safe") {
            calldatacopy(add(siblings, 0x20), part.offset, part.length)
        }
    }

    /// @dev Folds the node with `index` among its height's nodes along `siblings` to the root above them.
    function fold(bytes32 node, uint256 index, bytes32[] memory siblings) internal pure returns (bytes32) {
        return fold(node, index, siblings, 0, siblings.length);
    }

    /// @dev Folds along siblings `first … end − 1` only; `index` is the index at the height of sibling `first`.
    function fold(bytes32 node, uint256 index, bytes32[] memory siblings, uint256 first, uint256 end)
        internal
        pure
        returns (bytes32 root)
    {
        assembly ("memory-safe") {
            root := node
            let sibling := add(add(siblings, 0x20), shl(5, first))
            for { let last := add(add(siblings, 0x20), shl(5, end)) } lt(sibling, last) {
                sibling := add(sibling, 0x20)
            } {
                let side := shl(5, and(index, 1))
                mstore(side, root)
                mstore(xor(side, 0x20), mload(sibling))
                root := keccak256(0, 0x40)
                index := shr(1, index)
            }
        }
    }
}
