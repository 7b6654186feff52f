// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// The payload's program is not the claim's.
error ProgramMismatch(bytes32 claimed, bytes32 given);
/// The payload's inputs are not the claim's.
error InputsMismatch(bytes32 claimed, bytes32 given);
/// The payload's proof leads to another output than the claim's.
error OutputMismatch(bytes32 claimed, bytes32 proven);
