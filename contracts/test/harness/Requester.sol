// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IRequester} from "../../src/service/IRequester.sol";

/// @title A contract that requests executions, and takes their outputs when it pleases
contract Requester is IRequester {
    address public service;
    bytes32 public task;
    bytes public output;
    /// 0 accepts, 1 refuses, 2 burns all the gas that it is given.
    uint256 public mood;

    error NotNow();
    error NotTheService(address sender);

    function ask(address service_, bytes calldata message) external payable {
        service = service_;
        (bool asked,) = service_.call{value: msg.value}(message);
        require(asked);
    }

    function feel(uint256 mood_) external {
        mood = mood_;
    }

    function opmlResult(bytes32 task_, bytes calldata output_, bool) external {
        if (msg.sender != service) revert NotTheService(msg.sender);
        if (mood == 1) revert NotNow();
        while (mood == 2) {}
        task = task_;
        output = output_;
    }
}
