//! Every key of the bucket. A key begins with its project, so that no project can name another's objects.

use domain::{DeploymentId, ProjectId, Sha256};

/// The bytes of a file, in all their stored forms, by the hash of those bytes.
pub fn blob(project: ProjectId, sha256: &Sha256) -> String {
    format!("projects/{project}/blobs/{sha256}")
}

/// What a deployment serves.
pub fn manifest(project: ProjectId, deployment: DeploymentId) -> String {
    format!("projects/{project}/manifests/{deployment}")
}

/// One page of a manifest that is being uploaded.
pub fn page(project: ProjectId, deployment: DeploymentId, page: u32) -> String {
    format!("projects/{project}/uploads/{deployment}/{page}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_the_bucket_already_holds() {
        let project = "01arz3ndektsv4rrffq69g5fav".parse().unwrap();
        let deployment = "01bx5zzkbkactav9wevgemmvrz".parse().unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let prefix = "projects/01arz3ndektsv4rrffq69g5fav";
        assert_eq!(blob(project, &Sha256::of(b"")), format!("{prefix}/blobs/{empty}"));
        assert_eq!(manifest(project, deployment), format!("{prefix}/manifests/01bx5zzkbkactav9wevgemmvrz"));
        assert_eq!(page(project, deployment, 3), format!("{prefix}/uploads/01bx5zzkbkactav9wevgemmvrz/3"));
    }
}
