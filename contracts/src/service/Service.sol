// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Position} from "../game/Types.sol";
import {Games} from "./Games.sol";
import {IRequester} from "./IRequester.sol";
import {SlotRoot} from "./SlotRoot.sol";

/// @title Optimistic execution of registered models (specs/game.md, specs/money.md)
/// @notice Anyone registers models, requests, posts bonded results and challenges them. One honest party is enough for the
/// true result to become final. There is no owner, no pause and no upgrade.
contract Service is Games {
    /// Gas that a delivery gives to the requester.
    uint256 public constant DELIVERY_GAS = 500_000;

    /// The requester accepted the final output.
    event Delivered(bytes32 indexed task, address indexed requester);

    /// The bytes are not the final output's.
    error NotTheOutput(bytes32 given, bytes32 needed);
    /// The output was delivered already.
    error DeliveredAlready(bytes32 task);
    /// The transaction has too little gas left for the requester's share.
    error TooLittleGas(uint256 left, uint256 needed);
    /// The requester's contract reverted; the delivery may be tried again.
    error DeliveryFailed(bytes32 task, address requester);

    /// @notice Makes several moves in one transaction. A `narrow` or `timeout` whose position no longer stands is skipped, and a
    /// `step` in a game that is over: its effect stands already, or it is no longer to be had.
    function multicall(bytes[] calldata calls) external {
        for (uint256 i; i < calls.length; ++i) {
            if (_isOvertaken(calls[i])) continue;
            (bool done, bytes memory reason) = address(this).delegatecall(calls[i]);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(reason, 0x20), mload(reason))
                }
            }
        }
    }

    /// @notice Gives the final output's bytes to the requester's contract; may be tried until it succeeds.
    function deliver(bytes32 task, bytes calldata value) external {
        Task storage entry = _task(task);
        if (entry.settled == 0) revert NotFinal(task);
        if (entry.delivered) revert DeliveredAlready(task);
        bytes32 given = SlotRoot.of_(value);
        bytes32 output = _results[entry.settled].output;
        if (given != output) revert NotTheOutput(given, output);
        entry.delivered = true;
        address requester = entry.requester;
        emit Delivered(task, requester);
        bytes memory message = abi.encodeCall(IRequester.opmlResult, (task, value, entry.inputsOffchain));
        // A call passes on at most 63/64 of the gas that is left.
        uint256 needed = DELIVERY_GAS * 64 / 63 + 10_000;
        if (gasleft() < needed) revert TooLittleGas(gasleft(), needed);
        uint256 share = DELIVERY_GAS;
        bool accepted;
        assembly ("memory-safe") {
            accepted := call(share, requester, 0, add(message, 0x20), mload(message), 0, 0)
        }
        if (!accepted) revert DeliveryFailed(task, requester);
    }

    function _isOvertaken(bytes calldata call_) private view returns (bool) {
        bytes4 selector = bytes4(call_);
        bool last = selector == this.step.selector;
        if (!last && selector != this.narrow.selector && selector != this.timeout.selector) return false;
        if (call_.length < 4 + 12 * 32) return false;
        GameId calldata id;
        Position calldata position;
        assembly ("memory-safe") {
            id := add(call_.offset, 4)
            position := add(call_.offset, 68)
        }
        return last ? _isOver(id) : !_stands(id, position);
    }
}
