//! What a push asks for.

use domain::{Branch, Commit, Login};

use crate::payload::Push;
use crate::skip;

/// A branch that was pushed to, in a way that wants a deployment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pushed {
    pub branch: Branch,
    /// Where the push moved the branch. It may have moved on since.
    pub commit: Commit,
    /// Who pushed.
    pub login: Option<Login>,
}

/// Why a delivery leads to nothing. The sentence is what GitHub shows among the webhook's deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Ignored {
    #[error("events of this kind start nothing; a push to a branch does")]
    Event,
    #[error("this is not the project's repository")]
    Repository,
    #[error("a tag is not deployed; a branch is")]
    Tag,
    #[error("the branch was deleted")]
    Deleted,
    #[error("the commit's message says to skip it")]
    Skipped,
    #[error("only branches are deployed, and only those with a name of letters, digits and - _ . / + @ # =")]
    Reference,
    #[error("the branch is gone by now")]
    Gone,
}

impl Push {
    /// What is to be deployed, or why nothing is.
    pub(crate) fn meaning(&self) -> Result<Pushed, Ignored> {
        if self.reference.starts_with("refs/tags/") {
            return Err(Ignored::Tag);
        }
        let name = self.reference.strip_prefix("refs/heads/").ok_or(Ignored::Reference)?;
        // The name of no commit is 40 zeros, which is what a deleted branch stands at.
        let commit = self.after.parse().map_err(|_| Ignored::Deleted)?;
        if self.deleted {
            return Err(Ignored::Deleted);
        }
        if self.head_commit.as_ref().is_some_and(|head| skip::is_asked_for(&head.message)) {
            return Err(Ignored::Skipped);
        }
        let login = self.sender.as_ref().and_then(|sender| sender.login.as_ref()?.parse().ok());
        Ok(Pushed { branch: name.parse().map_err(|_| Ignored::Reference)?, commit, login })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Account, HeadCommit, Repository};

    const COMMIT: &str = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    fn push(reference: &str) -> Push {
        Push {
            reference: reference.into(),
            after: COMMIT.into(),
            deleted: false,
            head_commit: Some(HeadCommit { message: "Initial commit".into() }),
            repository: Repository { id: 1, clone_url: None, html_url: None },
            sender: Some(Account { login: Some("octocat".into()) }),
        }
    }

    #[test]
    fn a_push_to_a_branch_is_to_be_deployed() {
        let pushed = push("refs/heads/feature/x").meaning().unwrap();
        assert_eq!((pushed.branch.as_str(), pushed.commit.as_str()), ("feature/x", COMMIT));
        assert_eq!(pushed.login.unwrap().as_str(), "octocat");
    }

    #[test]
    fn nobody_has_to_be_named_and_a_strange_name_is_nobodys() {
        for sender in [None, Some(Account { login: None }), Some(Account { login: Some("a b".into()) })] {
            assert_eq!(Push { sender, ..push("refs/heads/main") }.meaning().unwrap().login, None);
        }
    }

    #[test]
    fn what_is_no_push_to_a_branch_is_ignored_with_its_reason() {
        let zeros = "0".repeat(40);
        let main = || push("refs/heads/main");
        let skipping = Some(HeadCommit { message: "Docs [skip ci]".into() });
        let cases = [
            (push("refs/tags/v1"), Ignored::Tag),
            (Push { deleted: true, after: zeros.clone(), ..push("refs/tags/v1") }, Ignored::Tag),
            (Push { deleted: true, after: zeros.clone(), head_commit: None, ..main() }, Ignored::Deleted),
            (Push { deleted: true, ..main() }, Ignored::Deleted),
            (Push { after: zeros, ..main() }, Ignored::Deleted),
            (Push { head_commit: skipping, ..main() }, Ignored::Skipped),
            (push("refs/pull/1/head"), Ignored::Reference),
            (push("main"), Ignored::Reference),
            (push("refs/heads/-rf"), Ignored::Reference),
        ];
        for (push, reason) in cases {
            assert_eq!(push.meaning(), Err(reason), "{push:?}");
        }
    }

    #[test]
    fn a_push_without_a_head_commit_is_deployed() {
        assert!(Push { head_commit: None, ..push("refs/heads/main") }.meaning().is_ok());
    }
}
