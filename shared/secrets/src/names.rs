//! Every parameter's name. docs/data-model.md shows them.

use domain::{ProjectId, Sha256};

/// Which secret: the part of its parameter's name behind the installation's prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// What a project's webhook deliveries are signed with: the secret of this hash.
    pub fn webhook(project: ProjectId, secret: Sha256) -> Self {
        Self(format!("projects/{project}/webhook/{secret}"))
    }

    /// A value of a variable of a project's builds.
    pub fn variable(project: ProjectId, id: &str) -> Self {
        Self(format!("projects/{project}/variables/{id}"))
    }

    /// The parameter's whole name.
    pub(crate) fn below(&self, prefix: &str) -> String {
        format!("{prefix}/{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_below_the_prefix_that_the_functions_have_rights_on() {
        let project = "01m7wd5zx04h111s446yv5atc0".parse().unwrap();
        let name = Name::variable(project, "0123").below("/slipway/mine");
        assert_eq!(name, "/slipway/mine/projects/01m7wd5zx04h111s446yv5atc0/variables/0123");
    }
}
