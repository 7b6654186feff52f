//! The YAML spec and the validated plan made from it.
