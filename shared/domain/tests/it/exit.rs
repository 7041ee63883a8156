//! How a task ended, in ECS's own words.

use domain::deployment::Exit;
use proptest::prelude::*;

use crate::making::cases;

fn lost(detail: &str) -> Exit {
    Exit::Lost { detail: detail.into() }
}

#[test]
fn what_ecs_says_of_a_stopped_task_is_understood() {
    let essential = Some("Essential container in task exited");
    let cut_off = Some("Your Spot Task was interrupted.");
    let no_image = "CannotPullContainerError: pull image manifest has been retried 5 time(s): not found";
    let no_network = "ResourceInitializationError: unable to pull secrets or registry auth";
    let memory = Some("OutOfMemoryError: Container killed due to memory usage");
    let unavailable = || Exit::ImageUnavailable { detail: no_image.into() };
    let cases = [
        ((Some("EssentialContainerExited"), essential, Some(0), None), Exit::Code { code: 0 }),
        ((Some("EssentialContainerExited"), essential, Some(1), None), Exit::Code { code: 1 }),
        ((Some("EssentialContainerExited"), essential, Some(137), None), Exit::Code { code: 137 }),
        ((Some("EssentialContainerExited"), essential, Some(137), memory), Exit::OutOfMemory),
        ((Some("EssentialContainerExited"), memory, None, None), Exit::OutOfMemory),
        ((Some("TaskFailedToStart"), Some(no_image), None, None), unavailable()),
        ((Some("TaskFailedToStart"), Some("Task failed to start"), None, Some(no_image)), unavailable()),
        ((Some("TaskFailedToStart"), Some(no_network), None, None), lost(no_network)),
        ((Some("SpotInterruption"), cut_off, Some(143), None), lost("Your Spot Task was interrupted.")),
        ((Some("SpotInterruption"), cut_off, None, None), lost("Your Spot Task was interrupted.")),
        ((Some("TerminationNotice"), None, Some(0), None), lost("no reason given")),
        ((Some("UserInitiated"), Some("the build took too long"), Some(143), None), Exit::Code { code: 143 }),
        ((None, None, None, None), lost("no reason given")),
        ((None, None, Some(2), None), Exit::Code { code: 2 }),
    ];
    for ((stop_code, reason, code, container_reason), expected) in cases {
        let exit = Exit::of(stop_code, reason, code, container_reason);
        assert_eq!(exit, expected, "{stop_code:?} {reason:?} {code:?} {container_reason:?}");
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn a_task_without_an_exit_code_never_counts_as_having_run(
        stop_code in proptest::option::of("[A-Za-z]{0,20}"), reason in proptest::option::of(".{0,40}"),
    ) {
        let exit = Exit::of(stop_code.as_deref(), reason.as_deref(), None, None);
        let ran = matches!(exit, Exit::Code { .. });
        prop_assert!(!ran);
    }
}
