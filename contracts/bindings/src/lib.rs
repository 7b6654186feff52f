//! The contracts' artifacts and their typed interface.
