//! Projects of which the edge does not know the newest revision.

use domain::Error;

use crate::{State, Swept};

/// Most events of one PutEvents call.
const AT_ONCE: usize = 10;

pub(crate) async fn sweep(state: &State, swept: &mut Swept) -> Result<(), Error> {
    let behind = state.projects.behind().await?;
    let events: Vec<_> = behind.into_iter().map(|project| bus::Event::ProjectEdge { project }).collect();
    for some in events.chunks(AT_ONCE) {
        state.bus.send(some).await?;
        swept.told += some.len();
    }
    Ok(())
}
