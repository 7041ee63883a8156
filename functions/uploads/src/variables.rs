//! The variables of a build, secrets among them in the clear: for its builder alone.

use std::collections::BTreeMap;

use domain::{Deployment, Error};
use secrets::Name;

use crate::State;

/// Values by name, and the names of those that are secret.
pub(crate) async fn of_build(
    state: &State,
    deployment: &Deployment,
) -> Result<(BTreeMap<String, String>, Vec<String>), Error> {
    let all = state.projects.variables(deployment.project).await?;
    let named = all.of(deployment.environment);
    let plain = named.iter().filter_map(|(name, variable)| Some((name.to_string(), variable.plain()?.to_owned())));
    let mut values: BTreeMap<String, String> = plain.collect();
    let kept = named.iter().filter_map(|(name, variable)| Some((name.to_string(), variable.kept_under()?)));
    let (secret, ids): (Vec<String>, Vec<&str>) = kept.unzip();
    let parameters: Vec<Name> = ids.iter().map(|id| Name::variable(deployment.project, id)).collect();
    for (name, value) in secret.iter().zip(state.secrets.get_all(&parameters).await?) {
        // It was set anew since its name was read: the next try reads the new one.
        values.insert(name.clone(), value.ok_or(Error::Contended)?);
    }
    Ok((values, secret))
}
