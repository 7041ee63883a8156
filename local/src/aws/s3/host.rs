//! Which bucket a host name means.

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// A host that begins with the name of a bucket means that bucket; every other host is path style. So
/// `<bucket>.localhost:4000` and a proxied `<bucket>.s3.eu-west-1.amazonaws.com` both work without a list of domains.
pub struct BucketHosts(pub Vec<String>);

impl S3Host for BucketHosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let bucket = self.0.iter().find(|bucket| host.strip_prefix(*bucket).is_some_and(|rest| rest.starts_with('.')));
        Ok(match bucket {
            Some(bucket) => VirtualHost::new(host).with_bucket(bucket.as_str()),
            None => VirtualHost::new(host),
        })
    }
}
