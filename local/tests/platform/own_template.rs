use std::collections::BTreeMap;
use std::path::Path;

use local::template::{Addresses, Template};

#[test]
fn the_projects_own_template_is_supported_in_full() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    let addresses = Addresses { public: "127.0.0.1:8080".parse().unwrap(), aws: "127.0.0.1:8081".parse().unwrap() };
    let template = Template::load(&file, &BTreeMap::new(), addresses).unwrap_or_else(|error| panic!("{error}"));
    assert!(!template.functions.is_empty() && !template.tables.is_empty() && !template.distributions.is_empty());
    assert_eq!(template.distributions[0].policies.len(), 2, "the site's cache and origin request policies");
}
