// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {CHUNK_ZEROS} from "./ChunkZero.sol";
import {Packed} from "./Packed.sol";

/// @title Paths in byte trees whose zero siblings are not sent: a mask, then the other siblings, bottom-up
library ElidedPath {
    error ElisionOutsidePath(uint256 mask, uint256 from, uint256 to);

    /// @dev Reads the siblings of heights `from … to − 1` (to at most 26) off the front of `payload`.
    function read(bytes calldata payload, uint256 from, uint256 to)
        internal
        pure
        returns (bytes32[] memory siblings, bytes calldata rest)
    {
        uint256 mask;
        (mask, rest) = Packed.u32(payload);
        uint256 sent;
        unchecked {
            if (mask >> to != 0 || mask & ((1 << from) - 1) != 0) revert ElisionOutsidePath(mask, from, to);
            siblings = new bytes32[](to - from);
        }
        bytes memory zeros = CHUNK_ZEROS;
        assembly ("memory-safe") {
            let source := rest.offset
            let target := add(siblings, 0x20)
            for { let height := from } lt(height, to) { height := add(height, 1) } {
                switch and(shr(height, mask), 1)
                case 0 {
                    mstore(target, calldataload(source))
                    source := add(source, 0x20)
                }
                default { mstore(target, mload(add(add(zeros, 0x20), shl(5, height)))) }
                target := add(target, 0x20)
            }
            sent := sub(source, rest.offset)
        }
        (, rest) = Packed.take(rest, sent);
    }

    /// @dev Reads the siblings of heights `0 … to − 1` (to at most 26) off the front of `payload` and folds `leaf`, the
    /// chunk `index`, along them. Gives the siblings and every node on the way: the leaf first, the root last.
    function climb(bytes calldata payload, uint256 to, bytes32 leaf, uint256 index)
        internal
        pure
        returns (bytes32[] memory siblings, bytes32[] memory nodes, bytes calldata rest)
    {
        uint256 mask;
        (mask, rest) = Packed.u32(payload);
        if (mask >> to != 0) revert ElisionOutsidePath(mask, 0, to);
        bytes memory zeros = CHUNK_ZEROS;
        uint256 sent;
        assembly ("memory-safe") {
            siblings := mload(0x40)
            nodes := add(siblings, shl(5, add(to, 1)))
            mstore(0x40, add(nodes, shl(5, add(to, 2))))
            mstore(siblings, to)
            mstore(nodes, add(to, 1))
            let place := add(siblings, 0x20)
            let last := add(place, shl(5, to))
            let toZero := sub(zeros, siblings)
            let toNext := add(sub(nodes, siblings), 0x20)
            mstore(add(nodes, 0x20), leaf)
            let source := rest.offset
            for {} lt(place, last) { place := add(place, 0x20) } {
                let sibling
                switch and(mask, 1)
                case 0 {
                    sibling := calldataload(source)
                    source := add(source, 0x20)
                }
                default { sibling := mload(add(place, toZero)) }
                mstore(place, sibling)
                let side := shl(5, and(index, 1))
                mstore(side, leaf)
                mstore(xor(side, 0x20), sibling)
                leaf := keccak256(0, 0x40)
                mstore(add(place, toNext), leaf)
                mask := shr(1, mask)
                index := shr(1, index)
            }
            sent := sub(source, rest.offset)
        }
        (, rest) = Packed.take(rest, sent);
    }
}
