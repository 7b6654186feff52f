// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title A machine as the game sees it (specs/machine.md)
interface IVm {
    /// @notice The root of the entry state over a memory.
    function entryRoot(bytes32 memoryRoot) external pure returns (bytes32);

    /// @notice Reads a packed state, whose root is its keccak256; reverts when its bytes are no state.
    function inspect(bytes calldata state)
        external
        pure
        returns (bool exited, uint8 exitCode, bytes32 memoryRoot);

    /// @notice Replays one step: the state roots before and after. Reverts when the witness is malformed or proves nothing.
    function step(bytes calldata witness) external pure returns (bytes32 pre, bytes32 post);
}
