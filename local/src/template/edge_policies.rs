//! What a distribution's policies let through to the origin.
//!
//! Source: "Control origin requests with a policy", "Understand cache policies", "Request behavior for custom origins".

use super::properties::Properties;
use super::{Node, Problem};

/// Names that a policy lets through.
#[derive(Debug, Clone, PartialEq)]
pub enum Names {
    /// None.
    None,
    /// All.
    All,
    /// These, in lower case.
    Only(Vec<String>),
    /// All but these, in lower case.
    AllBut(Vec<String>),
}

/// A cache policy or an origin request policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What `!Ref` gives.
    pub id: String,
    /// Headers.
    pub headers: Names,
    /// Cookies.
    pub cookies: Names,
    /// Query parameters.
    pub query: Names,
    /// Whether `Accept-Encoding` is passed on, for gzip and for brotli.
    pub encodings: (bool, bool),
}

impl Names {
    /// Whether a name gets through.
    pub fn has(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(names) => names.contains(&name),
            Self::AllBut(names) => !names.contains(&name),
        }
    }

    fn read(node: Option<&Node>, behavior: &str, list: &str) -> Result<Self, Problem> {
        let Some(node) = node else { return Ok(Self::None) };
        let properties = Properties::new(node, "a policy", &[behavior, list])?;
        let names = properties.texts(list)?.iter().map(|name| name.to_ascii_lowercase()).collect();
        let chosen = properties.required(behavior)?;
        Ok(match chosen.as_text()?.as_str() {
            "none" => Self::None,
            "all" | "allViewer" => Self::All,
            "whitelist" => Self::Only(names),
            "allExcept" => Self::AllBut(names),
            other => {
                return Err(Problem::new(
                    chosen.line,
                    format!("the laptop platform does not support {behavior} {other}"),
                ));
            }
        })
    }
}

/// Reads a cache policy.
///
/// # Errors
/// Anything that is missing or not supported.
pub fn cache(id: String, node: &Node) -> Result<Policy, Problem> {
    let properties = Properties::new(node, "AWS::CloudFront::CachePolicy", &["CachePolicyConfig"])?;
    let inner = "ParametersInCacheKeyAndForwardedToOrigin";
    let supported = ["Name", "Comment", "DefaultTTL", "MaxTTL", "MinTTL", inner];
    let config = Properties::new(properties.required("CachePolicyConfig")?, "CachePolicyConfig", &supported)?;
    let gzip = "EnableAcceptEncodingGzip";
    let brotli = "EnableAcceptEncodingBrotli";
    let supported = [gzip, brotli, "CookiesConfig", "HeadersConfig", "QueryStringsConfig"];
    let forwarded = Properties::new(config.required(inner)?, inner, &supported)?;
    let enabled = |name: &str| forwarded.get(name).map_or(Ok(false), Node::as_bool);
    let encodings = (enabled(gzip)?, enabled(brotli)?);
    policy(id, &forwarded, encodings)
}

/// Reads an origin request policy.
///
/// # Errors
/// Anything that is missing or not supported.
pub fn origin_request(id: String, node: &Node) -> Result<Policy, Problem> {
    let properties = Properties::new(node, "AWS::CloudFront::OriginRequestPolicy", &["OriginRequestPolicyConfig"])?;
    let supported = ["Name", "Comment", "CookiesConfig", "HeadersConfig", "QueryStringsConfig"];
    let config = properties.required("OriginRequestPolicyConfig")?;
    policy(id, &Properties::new(config, "OriginRequestPolicyConfig", &supported)?, (false, false))
}

fn policy(id: String, config: &Properties<'_>, encodings: (bool, bool)) -> Result<Policy, Problem> {
    Ok(Policy {
        id,
        headers: Names::read(config.get("HeadersConfig"), "HeaderBehavior", "Headers")?,
        cookies: Names::read(config.get("CookiesConfig"), "CookieBehavior", "Cookies")?,
        query: Names::read(config.get("QueryStringsConfig"), "QueryStringBehavior", "QueryStrings")?,
        encodings,
    })
}
