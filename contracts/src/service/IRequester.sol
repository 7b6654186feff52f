// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title What a contract that requests executions implements to be given their outputs
/// @custom:artifact
interface IRequester {
    /// @notice The final output of a task. The caller is the service; it gives a fixed share of gas and reads no returned data.
    /// @param inputsOffchain whether the request named its values by root only
    function opmlResult(bytes32 task, bytes calldata output, bool inputsOffchain) external;
}
