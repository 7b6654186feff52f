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
}
