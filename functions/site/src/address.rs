//! What the edge's rewriting means.

use domain::{DeploymentId, ProjectId};
use routing::Channel;

/// `/<project>/<deployment>[.<before>]/<live|preview><path>`, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// Whose site.
    pub project: ProjectId,
    /// Which state of it.
    pub deployment: DeploymentId,
    /// Which state it had before, if the edge names one: where assets are looked for that are gone since.
    pub before: Option<DeploymentId>,
    /// Through which host.
    pub channel: Channel,
    /// What the visitor asked for, as received: percent-encoded, beginning with `/`.
    pub path: &'a str,
}

impl<'a> Address<'a> {
    /// Takes a path as received apart; `None` if it is not of that shape. The three names are read from the front and
    /// the rest is left alone, so nothing in a visitor's path can reach them.
    pub fn parse(path: &'a str) -> Option<Self> {
        let (project, rest) = path.strip_prefix('/')?.split_once('/')?;
        let (deployment, rest) = rest.split_once('/')?;
        let (channel, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let channel = match channel {
            "live" => Channel::Live,
            "preview" => Channel::Preview,
            _ => return None,
        };
        let (deployment, before) = match deployment.split_once('.') {
            Some((deployment, before)) => (deployment, Some(before.parse().ok()?)),
            None => (deployment, None),
        };
        let path = if path.is_empty() { "/" } else { path };
        Some(Self { project: project.parse().ok()?, deployment: deployment.parse().ok()?, before, channel, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: &str = "01arz3ndektsv4rrffq69g5fav";
    const D: &str = "01bx5zzkbkactav9wevgemmvrz";

    #[test]
    fn an_address_is_three_names_and_the_rest_untouched() {
        for (rest, channel, path) in [
            ("live/", Channel::Live, "/"),
            ("live", Channel::Live, "/"),
            ("preview/a/b.html", Channel::Preview, "/a/b.html"),
            ("live//evil", Channel::Live, "//evil"),
            ("live/../../x", Channel::Live, "/../../x"),
            ("live/live/preview", Channel::Live, "/live/preview"),
        ] {
            let whole = format!("/{P}/{D}/{rest}");
            let address = Address::parse(&whole).unwrap();
            assert_eq!((address.channel, address.path), (channel, path), "{whole}");
            assert_eq!((address.project.to_string().as_str(), address.deployment.to_string().as_str()), (P, D));
        }
    }

    #[test]
    fn the_deployment_before_follows_a_dot() {
        let whole = format!("/{P}/{D}.{P}/live/a.b");
        let address = Address::parse(&whole).unwrap();
        assert_eq!(address.deployment.to_string(), D);
        assert_eq!((address.before.unwrap().to_string().as_str(), address.path), (P, "/a.b"));
        assert_eq!(Address::parse(&format!("/{P}/{D}/live/a.b")).unwrap().before, None);
    }

    #[test]
    fn anything_else_is_no_address() {
        let upper = D.to_uppercase();
        for path in [
            String::new(),
            "/".into(),
            format!("/{P}"),
            format!("/{P}/{D}"),
            format!("/{P}/{D}/"),
            format!("/{P}/{D}/lively/"),
            format!("/{P}/{upper}/live/"),
            format!("/{P}/x/live/"),
            format!("/{P}/{D}./live/"),
            format!("/{P}/{D}.x/live/"),
            format!("/{P}/{D}.{D}.{D}/live/"),
            format!("//{D}/live/"),
            format!("/{P}/../{D}/live/"),
            format!("{P}/{D}/live/"),
        ] {
            assert_eq!(Address::parse(&path), None, "{path}");
        }
    }
}
