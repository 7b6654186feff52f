// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title What the service holds and owes (specs/money.md)
/// @notice Payments are pulled. What is burnt stays in the contract for ever; no function moves it.
abstract contract Money {
    /// @notice Wei that a party may withdraw.
    mapping(address party => uint256) public credit;
    /// @notice Wei that nobody may ever withdraw.
    uint256 public burnt;

    /// `amount` wei became `party`'s.
    event Credited(address indexed party, uint256 amount);
    /// `amount` wei became nobody's.
    event Burnt(uint256 amount);
    /// `amount` wei left the contract.
    event Withdrawn(address indexed party, address to, uint256 amount);

    /// The payment sent is not the one asked for.
    error WrongPayment(uint256 sent, uint256 needed);
    /// The party has nothing to withdraw.
    error NothingToWithdraw(address party);
    /// The receiver refused the money.
    error ReceiverRefused(address to, uint256 amount);

    /// @notice Pays everything that the sender is owed to `to`.
    function withdraw(address to) external {
        uint256 amount = credit[msg.sender];
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        credit[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        bool paid;
        assembly ("memory-safe") {
            paid := call(gas(), to, amount, 0, 0, 0, 0)
        }
        if (!paid) revert ReceiverRefused(to, amount);
    }

    function _credit(address party, uint256 amount) internal {
        if (amount == 0) return;
        credit[party] += amount;
        emit Credited(party, amount);
    }

    function _burn(uint256 amount) internal {
        burnt += amount;
        emit Burnt(amount);
    }

    function _takePayment(uint256 needed) internal view {
        if (msg.value != needed) revert WrongPayment(msg.value, needed);
    }
}
