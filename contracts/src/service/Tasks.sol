// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IStage} from "../stages/IStage.sol";
import {Models} from "./Models.sol";
import {Money} from "./Money.sol";
import {SlotRoot} from "./SlotRoot.sol";

/// @title Requests for one execution of a model
abstract contract Tasks is Models, Money {
    struct Task {
        address requester;
        uint32 model;
        /// Games ever opened on the task.
        uint32 games;
        bool refunded;
        bool delivered;
        /// The requester's values were given by root only.
        bool inputsOffchain;
        uint128 fee;
        /// The last second in which results may be posted.
        uint64 deadline;
        /// The claim's inputs.
        bytes32 inputs;
        /// The earliest live result; 0 for none.
        bytes32 earliest;
        /// The final result; 0 for none.
        bytes32 settled;
    }

    mapping(bytes32 task => Task) internal _tasks;

    /// A task was requested, its values given as bytes (`values`), or by root only when `inputsOffchain`.
    event Requested(
        bytes32 indexed task,
        bytes32 indexed model,
        address indexed requester,
        uint64 nonce,
        uint256 fee,
        uint64 deadline,
        bytes32 inputs,
        bytes32[] roots,
        bytes[] values,
        bool inputsOffchain
    );
    /// The requester got the fee back.
    event Refunded(bytes32 indexed task, uint256 fee);

    /// The number of values, or the bytes of value `value`, are not the model's.
    error WrongSize(uint256 value, uint256 given, uint256 needed);
    /// The header is that of another program.
    error NotTheProgram(bytes32 given, bytes32 needed);
    /// The model takes values as bytes only.
    error InputsOnChainOnly(bytes32 model);
    /// The requester used this nonce for the same request already.
    error TaskExists(bytes32 task);
    /// No such task.
    error NoSuchTask(bytes32 task);
    /// The posting deadline must lie ahead.
    error DeadlinePassed(uint256 deadline, uint256 present);
    /// The task has a final result, or was refunded.
    error TaskIsOver(bytes32 task);
    /// A refund waits for the deadline and until no live result is left.
    error NotRefundable(bytes32 task, uint256 deadline, bytes32 live);

    /// @notice Requests an execution; the payment sent is the fee. Give the values as bytes.
    /// @param header what the first stage's `enter` takes
    /// @param deadline the last second in which results may be posted
    function request(bytes32 model, uint64 nonce, uint64 deadline, bytes calldata header, bytes[] calldata values)
        external
        payable
        returns (bytes32 task)
    {
        (Entry storage entry, uint32 number) = _model(model);
        _checkSize(entry.inputBytes.length, values.length, entry.inputBytes.length);
        bytes32[] memory roots = new bytes32[](values.length);
        for (uint256 i; i < values.length; ++i) {
            _checkSize(i, values[i].length, entry.inputBytes[i]);
            roots[i] = SlotRoot.of_(values[i]);
        }
        bytes32 inputs;
        (task, inputs) = _request(model, number, nonce, deadline, header, roots, false);
        emit Requested(task, model, msg.sender, nonce, msg.value, deadline, inputs, roots, values, false);
    }

    /// @notice Requests an execution of a model that allows values to be named by root only.
    function requestByRoots(
        bytes32 model,
        uint64 nonce,
        uint64 deadline,
        bytes calldata header,
        bytes32[] calldata roots
    ) external payable returns (bytes32 task) {
        (Entry storage entry, uint32 number) = _model(model);
        if (!entry.inputsOffchain) revert InputsOnChainOnly(model);
        _checkSize(entry.inputBytes.length, roots.length, entry.inputBytes.length);
        bytes32 inputs;
        (task, inputs) = _request(model, number, nonce, deadline, header, roots, true);
        emit Requested(
            task, model, msg.sender, nonce, msg.value, deadline, inputs, roots, new bytes[](0), true
        );
    }

    /// @notice Returns the fee when the posting deadline has passed and no live result is left.
    function refund(bytes32 task) external {
        Task storage entry = _task(task);
        if (entry.refunded || entry.settled != 0) revert TaskIsOver(task);
        if (block.timestamp <= entry.deadline || entry.earliest != 0) {
            revert NotRefundable(task, entry.deadline, entry.earliest);
        }
        entry.refunded = true;
        emit Refunded(task, entry.fee);
        _credit(entry.requester, entry.fee);
    }

    /// @notice A task's stored state.
    function taskOf(bytes32 task) external view returns (Task memory) {
        return _tasks[task];
    }

    function _task(bytes32 task) internal view returns (Task storage entry) {
        entry = _tasks[task];
        if (entry.requester == address(0)) revert NoSuchTask(task);
    }

    function _request(
        bytes32 model,
        uint32 number,
        uint64 nonce,
        uint64 deadline,
        bytes calldata header,
        bytes32[] memory roots,
        bool inputsOffchain
    ) private returns (bytes32 task, bytes32 inputs) {
        if (deadline <= block.timestamp) revert DeadlinePassed(deadline, block.timestamp);
        bytes32 program;
        (program, inputs) = IStage(_models[number].stages[0].implementation).enter(header, roots);
        if (program != _models[number].program) revert NotTheProgram(program, _models[number].program);
        task = keccak256(abi.encode(address(this), msg.sender, nonce, model, inputs));
        if (_tasks[task].requester != address(0)) revert TaskExists(task);
        Task storage entry = _tasks[task];
        entry.requester = msg.sender;
        entry.model = number;
        entry.inputsOffchain = inputsOffchain;
        entry.fee = uint128(msg.value);
        entry.deadline = deadline;
        entry.inputs = inputs;
    }

    function _checkSize(uint256 value, uint256 given, uint256 needed) internal pure {
        if (given != needed) revert WrongSize(value, given, needed);
    }
}
