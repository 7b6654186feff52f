// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Reading packed big-endian payloads off the front of calldata
/// @dev Every function gives what it read and the bytes after it.
library Packed {
    /// The payload ends before what must be read.
    error PayloadTooShort(uint256 needed, uint256 left);
    /// Bytes are left that nothing reads.
    error PayloadSurplus(uint256 left);

    function take(bytes calldata payload, uint256 size)
        internal
        pure
        returns (bytes calldata part, bytes calldata rest)
    {
        if (payload.length < size) revert PayloadTooShort(size, payload.length);
        assembly ("memory-safe") {
            part.offset := payload.offset
            part.length := size
            rest.offset := add(payload.offset, size)
            rest.length := sub(payload.length, size)
        }
    }

    function root(bytes calldata payload) internal pure returns (bytes32 value, bytes calldata rest) {
        bytes calldata part;
        (part, rest) = take(payload, 32);
        value = bytes32(part);
    }

    function u8(bytes calldata payload) internal pure returns (uint256 value, bytes calldata rest) {
        return number(payload, 1);
    }

    function u16(bytes calldata payload) internal pure returns (uint256 value, bytes calldata rest) {
        return number(payload, 2);
    }

    function u32(bytes calldata payload) internal pure returns (uint256 value, bytes calldata rest) {
        return number(payload, 4);
    }

    /// @dev Refuses bytes that nothing has read.
    function finish(bytes calldata payload) internal pure {
        if (payload.length != 0) revert PayloadSurplus(payload.length);
    }

    function number(bytes calldata payload, uint256 size)
        private
        pure
        returns (uint256 value, bytes calldata rest)
    {
        if (payload.length < size) revert PayloadTooShort(size, payload.length);
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), calldataload(payload.offset))
            rest.offset := add(payload.offset, size)
            rest.length := sub(payload.length, size)
        }
    }
}
