// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {CHUNK_ZEROS} from "./ChunkZero.sol";
import {Packed} from "./Packed.sol";

/// @title Paths in byte trees whose zero siblings are not sent: a mask, then the other siblings, bottom-up
library ElidedPath {
    /// The mask leaves out siblings that the path does not have.
    error ElisionOutsidePath(uint256 mask, uint256 from, uint256 to);

    uint256 private constant ELIDED = 0x10000000000000000;
    uint256 private constant END = 0x20000000000000000;

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

    /// @dev Folds `node`, which stands at height `from` on the way up from chunk `index`, to height `to`. `mask` is the whole
    /// path's, `source` where in calldata the siblings from height `from` on begin, `next` where the ones from `to` on do: the
    /// caller sees to it that they lie within what was sent. `zeros` is CHUNK_ZEROS.
    function climb(
        bytes32 node,
        uint256 index,
        uint256 mask,
        uint256 from,
        uint256 to,
        uint256 source,
        bytes memory zeros
    ) internal pure returns (bytes32 above, uint256 next) {
        uint256 way = wayUp(index, mask, from, to);
        assembly ("memory-safe") {
            above := node
            next := source
            let zero := add(add(zeros, 0x20), shl(5, from))
            for {} 1 {} {
                let sibling
                switch and(way, ELIDED)
                case 0 {
                    sibling := calldataload(next)
                    next := add(next, 0x20)
                }
                default {
                    if lt(way, END) { break }
                    sibling := mload(zero)
                }
                let side := and(way, 0x20)
                mstore(side, above)
                mstore(xor(side, 0x20), sibling)
                above := keccak256(0, 0x40)
                way := shr(1, way)
                zero := add(zero, 0x20)
            }
        }
    }

    /// @dev As `climb` from height 0, of two leaves in one place.
    function climbBoth(
        bytes32 one,
        bytes32 two,
        uint256 index,
        uint256 mask,
        uint256 to,
        uint256 source,
        bytes memory zeros
    ) internal pure returns (bytes32 aboveOne, bytes32 aboveTwo, uint256 next) {
        uint256 way = wayUp(index, mask, 0, to);
        assembly ("memory-safe") {
            aboveOne := one
            aboveTwo := two
            next := source
            let zero := add(zeros, 0x20)
            for {} 1 {} {
                let sibling
                switch and(way, ELIDED)
                case 0 {
                    sibling := calldataload(next)
                    next := add(next, 0x20)
                }
                default {
                    if lt(way, END) { break }
                    sibling := mload(zero)
                }
                let side := and(way, 0x20)
                mstore(xor(side, 0x20), sibling)
                mstore(side, aboveOne)
                aboveOne := keccak256(0, 0x40)
                mstore(side, aboveTwo)
                aboveTwo := keccak256(0, 0x40)
                way := shr(1, way)
                zero := add(zero, 0x20)
            }
        }
    }

    /// @dev What a fold shifts by one a height. Bit 5: whether the node is the right one of its pair, so that the bit alone is
    /// its address there; bit 64: whether the sibling is elided. At the end a set bit 64 stands alone above the others.
    function wayUp(uint256 index, uint256 mask, uint256 from, uint256 to) private pure returns (uint256 way) {
        assembly ("memory-safe") {
            let end := shl(to, 1)
            way := or(shl(5, shr(from, index)), shl(64, shr(from, or(and(mask, sub(end, 1)), end))))
        }
    }
}
