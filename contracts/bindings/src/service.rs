#![allow(
    missing_docs,
    clippy::too_many_arguments,
    reason = "generated from the contract, whose sources hold the documentation"
)]

use alloy_sol_types::sol;

sol!(
    #[derive(Debug, PartialEq, Eq)]
    Service,
    "../artifacts/Service.json"
);
