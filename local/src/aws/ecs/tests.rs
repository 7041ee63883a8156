use std::collections::HashMap;
use std::path::Path;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::error::ProvideErrorMetadata;
use aws_sdk_ecs::operation::run_task::builders::RunTaskFluentBuilder;
use aws_sdk_ecs::types::{ContainerOverride, DesiredStatus, KeyValuePair, Task, TaskOverride};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Duration, timeout};

use super::{Ecs, Settings, process};
use crate::aws::{Error, testing};

const IMAGE: &str = "registry.example/builder:1";

struct Stage {
    dir: TempDir,
    ecs: Ecs,
    client: Client,
    events: UnboundedReceiver<Value>,
}

fn definition() -> Value {
    json!({
        "Family": "slipway-builder",
        "Cpu": 1024,
        "Memory": "2048",
        "NetworkMode": "awsvpc",
        "RequiresCompatibilities": ["FARGATE"],
        "ExecutionRoleArn": "arn:aws:iam::123456789012:role/agent",
        "ContainerDefinitions": [{
            "Name": "builder",
            "Image": IMAGE,
            "Environment": [{ "Name": "FROM_TEMPLATE", "Value": "template" }, { "Name": "BOTH", "Value": "template" }],
            "LogConfiguration": { "LogDriver": "awslogs" },
        }],
    })
}

/// Opens ECS over `dir`. The image is the shell and the command a script: a file that was just written cannot always be
/// executed, because a process that another test starts may still hold it open for writing.
async fn open(dir: &Path, stop_timeout: u64) -> (Ecs, Client, UnboundedReceiver<Value>) {
    let (events, received) = unbounded_channel();
    let mut definition = definition();
    definition["ContainerDefinitions"][0]["StopTimeout"] = json!(stop_timeout);
    definition["ContainerDefinitions"][0]["Command"] = json!([dir.join("script.sh")]);
    let mut missing = definition.clone();
    missing["Family"] = json!("missing");
    missing["ContainerDefinitions"][0]["Image"] = json!("registry.example/nothing:1");
    let ecs = Ecs::open(Settings {
        dir: dir.join("ecs"),
        clusters: vec!["builds".to_owned()],
        task_definitions: vec![definition, missing],
        images: HashMap::from([(IMAGE.to_owned(), "/bin/sh".into())]),
        region: "eu-west-1".to_owned(),
        account: "123456789012".to_owned(),
        pass_environment: vec![("HTTPS_PROXY".to_owned(), "http://proxy".to_owned())],
        events,
    })
    .unwrap();
    let server = ecs.clone();
    let answer = move |request| {
        let server = server.clone();
        async move { server.handle(request).await }
    };
    let client = Client::new(&testing::sdk(&testing::serve(answer).await, "key", "secret"));
    (ecs, client, received)
}

impl Stage {
    async fn new(script: &str) -> Self {
        Self::with_stop_timeout(script, 10).await
    }

    async fn with_stop_timeout(script: &str, stop_timeout: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("script.sh"), script).unwrap();
        let (ecs, client, events) = open(dir.path(), stop_timeout).await;
        Self { dir, ecs, client, events }
    }

    fn call(&self) -> RunTaskFluentBuilder {
        let subnets = aws_sdk_ecs::types::AwsVpcConfiguration::builder().subnets("subnet-1").build().unwrap();
        let network = aws_sdk_ecs::types::NetworkConfiguration::builder().awsvpc_configuration(subnets).build();
        self.client.run_task().cluster("builds").task_definition("slipway-builder").network_configuration(network)
    }

    async fn run(&self) -> Task {
        let ran = self.call().started_by("dep_01/x-1").send().await.unwrap();
        assert!(ran.failures().is_empty());
        ran.tasks()[0].clone()
    }

    async fn describe(&self, task: &Task) -> Task {
        let described = self.client.describe_tasks().cluster("builds").tasks(task.task_arn().unwrap());
        described.send().await.unwrap().tasks()[0].clone()
    }

    async fn stopped(&self, task: &Task) -> Task {
        testing::eventually("the end of the task", || async {
            let task = self.describe(task).await;
            (task.last_status() == Some("STOPPED")).then_some(task)
        })
        .await
    }

    fn log(&self, task: &Task) -> String {
        let id = task.task_arn().unwrap().rsplit('/').next().unwrap().to_owned();
        std::fs::read_to_string(self.dir.path().join(format!("ecs/logs/{id}.log"))).unwrap_or_default()
    }

    async fn logged(&self, task: &Task, text: &str) -> String {
        testing::eventually(text, || async {
            let log = self.log(task);
            log.contains(text).then_some(log)
        })
        .await
    }

    /// The details of all events up to the STOPPED one.
    async fn story(&mut self) -> Vec<Value> {
        let mut story = Vec::new();
        loop {
            let event = timeout(Duration::from_secs(10), self.events.recv()).await.unwrap().unwrap();
            assert_eq!(event["source"], "aws.ecs");
            assert_eq!(event["detail-type"], "ECS Task State Change");
            assert_eq!(event["resources"][0], event["detail"]["taskArn"]);
            let detail = event["detail"].clone();
            let over = detail["lastStatus"] == "STOPPED";
            story.push(detail);
            if over {
                return story;
            }
        }
    }
}

fn pids(log: &str) -> Vec<i32> {
    log.lines().filter_map(|line| line.strip_prefix("pid ")?.trim().parse().ok()).collect()
}

async fn all_gone(pids: &[i32]) {
    assert!(!pids.is_empty());
    testing::eventually("the end of all processes", || async {
        pids.iter().all(|pid| process::read(*pid).is_none()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_tells_its_whole_story_in_order() {
    let mut stage = Stage::new("pwd; ls; exit 3").await;
    let task = stage.run().await;
    assert_eq!(task.last_status(), Some("PROVISIONING"));
    let story = stage.story().await;
    let statuses: Vec<_> = story.iter().map(|detail| detail["lastStatus"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"]);
    let versions: Vec<_> = story.iter().map(|detail| detail["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5]);
    let last = story.last().unwrap();
    assert_eq!(last["stopCode"], "EssentialContainerExited");
    assert_eq!(last["containers"][0]["exitCode"], 3);
    assert_eq!(last["startedBy"], "dep_01/x-1");
    assert_eq!(last["group"], "family:slipway-builder");
    assert_eq!((&last["cpu"], &last["memory"]), (&json!("1024"), &json!("2048")));
    assert_eq!(last["clusterArn"], "arn:aws:ecs:eu-west-1:123456789012:cluster/builds");
    assert_eq!(last["taskDefinitionArn"], "arn:aws:ecs:eu-west-1:123456789012:task-definition/slipway-builder:1");
    for time in ["createdAt", "startedAt", "stoppingAt", "stoppedAt", "updatedAt", "executionStoppedAt"] {
        assert!(last[time].as_str().unwrap().ends_with('Z'), "{time}: {}", last[time]);
    }
    assert!(story[2]["containers"][0].get("exitCode").is_none());

    let described = stage.describe(&task).await;
    assert_eq!(described.containers()[0].exit_code(), Some(3));
    assert_eq!(described.version(), 5);
    assert!(described.stopped_at().is_some());
    let log = stage.log(&task);
    let place = log.lines().next().unwrap();
    assert!(place.ends_with("/builder") && log.lines().count() == 1, "an empty directory of its own: {log}");
    assert!(!Path::new(place).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_has_a_clean_environment_with_overrides() {
    let stage = Stage::new("echo \"args $*\"; env | sort").await;
    let pair = |name: &str, value: &str| KeyValuePair::builder().name(name).value(value).build();
    let one = ContainerOverride::builder().name("builder").environment(pair("BOTH", "override"));
    let one = one.environment(pair("TICKET", "t")).command(stage.dir.path().join("script.sh").to_str().unwrap());
    let one = one.command("build").command("fast").build();
    let ran = stage.call().overrides(TaskOverride::builder().container_overrides(one).build()).send().await.unwrap();
    let task = stage.stopped(&ran.tasks()[0]).await;
    assert_eq!(task.containers()[0].exit_code(), Some(0));
    let log = stage.log(&task);
    let names: Vec<_> = log.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    let own =
        ["BOTH", "FROM_TEMPLATE", "HTTPS_PROXY", "PATH", "PWD", "SLIPWAY_CONTAINER_ID", "SLIPWAY_TASK_ID", "TICKET"];
    let names: Vec<_> = names.into_iter().filter(|name| !["_", "OLDPWD", "SHLVL"].contains(name)).collect();
    assert_eq!(names, own);
    assert!(log.contains("args build fast\n") && log.contains("BOTH=override\n"), "{log}");
    let echoed = task.overrides().unwrap().container_overrides();
    assert_eq!(echoed[0].environment()[1].value(), Some("t"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_asks_first_and_the_task_says_who_stopped_it() {
    let mut stage = Stage::new("trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.05; done").await;
    let task = stage.run().await;
    stage.logged(&task, "ready").await;
    let stop = stage.client.stop_task().cluster("builds").task(task.task_arn().unwrap()).reason("canceled by a person");
    let stopping = stop.send().await.unwrap();
    assert_eq!(stopping.task().unwrap().desired_status(), Some("STOPPED"));
    let task = stage.stopped(&task).await;
    assert_eq!(task.stop_code().unwrap().as_str(), "UserInitiated");
    assert_eq!(task.stopped_reason(), Some("canceled by a person"));
    assert_eq!(task.containers()[0].exit_code(), Some(0));
    assert!(stage.log(&task).contains("asked"));
    let versions: Vec<_> = stage.story().await.iter().map(|detail| detail["version"].as_u64().unwrap()).collect();
    assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_of_a_stopped_task_survives() {
    // One that ignores SIGTERM, one in a session of its own, one that also emptied its environment.
    let script = "trap '' TERM
        (trap '' TERM; echo pid $(exec sh -c 'echo $PPID'); while :; do sleep 0.1; done) &
        setsid sh -c 'trap \"\" TERM; echo pid $$; while :; do sleep 0.1; done' &
        env -i setsid sh -c 'trap \"\" TERM; echo pid $$; while :; do sleep 0.1; done' &
        echo pid $$; sleep 0.3; echo ready; while :; do sleep 0.1; done";
    let stage = Stage::with_stop_timeout(script, 0).await;
    let task = stage.run().await;
    let pids = pids(&stage.logged(&task, "ready").await);
    assert_eq!(pids.len(), 4);
    stage.client.stop_task().cluster("builds").task(task.task_arn().unwrap()).send().await.unwrap();
    let task = stage.stopped(&task).await;
    assert_eq!(task.containers()[0].exit_code(), Some(137));
    assert_eq!(task.containers()[0].reason(), None);
    all_gone(&pids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_task_leaves_in_the_background_ends_with_it() {
    let script = "setsid sh -c 'echo pid $$; exec sleep 300' & sleep 0.2; exit 0";
    let stage = Stage::new(script).await;
    let task = stage.run().await;
    let task = stage.stopped(&task).await;
    assert_eq!(task.containers()[0].exit_code(), Some(0));
    all_gone(&pids(&stage.log(&task))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_image_is_a_task_that_never_started() {
    let mut stage = Stage::new("exit 0").await;
    let ran = stage.call().task_definition("missing").send().await.unwrap();
    assert!(ran.failures().is_empty());
    let task = stage.stopped(&ran.tasks()[0]).await;
    assert_eq!(task.stop_code().unwrap().as_str(), "TaskFailedToStart");
    assert!(task.stopped_reason().unwrap().starts_with("CannotPullContainerError: "));
    assert_eq!(task.containers()[0].exit_code(), None);
    let statuses: Vec<_> = stage.story().await.iter().map(|detail| detail["lastStatus"].clone()).collect();
    assert_eq!(statuses, ["PROVISIONING", "PENDING", "DEPROVISIONING", "STOPPED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_token_gives_the_same_task_also_after_a_restart() {
    let stage = Stage::new("exit 0").await;
    let call = || stage.call().started_by("d1").client_token("d1-1");
    let first = call().send().await.unwrap();
    let again = call().send().await.unwrap();
    assert_eq!(first.tasks()[0].task_arn(), again.tasks()[0].task_arn());
    let other = stage.call().started_by("d2").client_token("d1-1").send().await.unwrap_err();
    assert!(other.into_service_error().is_conflict_exception());
    stage.stopped(&first.tasks()[0]).await;

    let (_, client, _) = open(stage.dir.path(), 10).await;
    let stage = Stage { client, ..stage };
    let again = stage.call().started_by("d1").client_token("d1-1").send().await.unwrap();
    assert_eq!(first.tasks()[0].task_arn(), again.tasks()[0].task_arn());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_the_left_processes_end_and_the_task_is_reported() {
    // The old run is not shut down and its tasks' lives are stuck: as good as a killed platform.
    let script =
        "trap '' TERM; setsid sh -c 'echo pid $$; exec sleep 300' & echo pid $$; sleep 0.2; echo ready; sleep 300";
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("script.sh"), script).unwrap();
    let crashed = dir.path().to_owned();
    let (arn, pids) = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let left = runtime.block_on(async {
            let (ecs, client, events) = open(&crashed, 10).await;
            let stage = Stage { dir: TempDir::new().unwrap(), ecs, client, events };
            let task = stage.run().await;
            let id = task.task_arn().unwrap().rsplit('/').next().unwrap().to_owned();
            let log = crashed.join(format!("ecs/logs/{id}.log"));
            let log = testing::eventually("ready", || async {
                std::fs::read_to_string(&log).ok().filter(|log| log.contains("ready"))
            })
            .await;
            testing::eventually("RUNNING", || async {
                (stage.describe(&task).await.last_status() == Some("RUNNING")).then_some(())
            })
            .await;
            (task.task_arn().unwrap().to_owned(), pids(&log))
        });
        runtime.shutdown_background();
        left
    })
    .join()
    .unwrap();
    assert_eq!(pids.len(), 2);

    let (ecs, client, events) = open(dir.path(), 10).await;
    let mut stage = Stage { dir, ecs, client, events };
    let story = stage.story().await;
    let last = story.last().unwrap();
    assert_eq!(last["taskArn"], arn.as_str());
    assert_eq!(last["stopCode"], "EssentialContainerExited");
    assert!(last["stoppedReason"].as_str().unwrap().starts_with("Host EC2"));
    assert!(last["containers"][0].get("exitCode").is_none());
    assert_eq!(last["version"], 4);
    all_gone(&pids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_with_a_reused_id_is_never_signalled() {
    let mut other = tokio::process::Command::new("sleep").arg("300").kill_on_drop(true).spawn().unwrap();
    let pid = i32::try_from(other.id().unwrap()).unwrap();
    let found = process::read(pid).unwrap().identity;
    let earlier = process::Identity { start: found.start - 1, ..found };
    earlier.signal(rustix::process::Signal::KILL);
    super::census::Census::new("SLIPWAY_TASK_ID=nobody".to_owned(), Some(earlier)).kill().await;
    assert!(other.try_wait().unwrap().is_none());
    found.signal(rustix::process::Signal::KILL);
    other.wait().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_ends_all_tasks() {
    let mut stage = Stage::new("echo pid $$; echo ready; sleep 300").await;
    let task = stage.run().await;
    let pids = pids(&stage.logged(&task, "ready").await);
    stage.ecs.shutdown().await;
    assert!(pids.iter().all(|pid| process::read(*pid).is_none()));
    assert_eq!(stage.story().await.last().unwrap()["stopCode"], "TerminationNotice");
    assert!(stage.call().send().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_calls_are_refused_in_the_services_words() {
    let stage = Stage::new("exit 0").await;
    let code = |call: RunTaskFluentBuilder| async move { call.send().await.unwrap_err().code().unwrap().to_owned() };
    assert_eq!(code(stage.call().task_definition("unknown")).await, "ClientException");
    assert_eq!(code(stage.call().task_definition("slipway-builder:2")).await, "ClientException");
    assert_eq!(code(stage.call().cluster("unknown")).await, "ClusterNotFoundException");
    assert_eq!(code(stage.call().started_by("no spaces")).await, "InvalidParameterException");
    assert_eq!(code(stage.call().started_by("x".repeat(129))).await, "InvalidParameterException");
    assert_eq!(code(stage.call().set_network_configuration(None)).await, "InvalidParameterException");
    let stranger = ContainerOverride::builder().name("stranger").build();
    let overrides = TaskOverride::builder().container_overrides(stranger).build();
    assert_eq!(code(stage.call().overrides(overrides)).await, "InvalidParameterException");
    let unknown = stage.client.stop_task().cluster("builds").task("0123").send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("InvalidParameterException"));
    let unknown = stage.client.list_clusters().send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("UnknownOperationException"));
    let missing = stage.client.describe_tasks().cluster("builds").tasks("0123").send().await.unwrap();
    assert_eq!(missing.failures()[0].reason(), Some("MISSING"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_listed_by_who_started_them() {
    let stage = Stage::new("sleep 300").await;
    let one = stage.call().started_by("one").send().await.unwrap().tasks()[0].clone();
    stage.call().started_by("two").send().await.unwrap();
    let list = || stage.client.list_tasks().cluster("builds").started_by("one");
    assert_eq!(list().send().await.unwrap().task_arns(), [one.task_arn().unwrap()]);
    let page =
        stage.client.list_tasks().cluster("builds").family("slipway-builder").max_results(1).send().await.unwrap();
    assert_eq!(page.task_arns(), [one.task_arn().unwrap()]);
    let next = stage.client.list_tasks().cluster("builds").set_next_token(page.next_token().map(str::to_owned));
    assert_eq!(next.send().await.unwrap().task_arns().len(), 1);
    stage.ecs.shutdown().await;
    assert!(list().send().await.unwrap().task_arns().is_empty());
    let stopped = list().desired_status(DesiredStatus::Stopped).send().await.unwrap();
    assert_eq!(stopped.task_arns(), [one.task_arn().unwrap()]);
}

#[tokio::test]
async fn a_definition_that_a_process_cannot_follow_is_an_error() {
    let (events, _) = unbounded_channel();
    let dir = tempfile::tempdir().unwrap();
    let mut definition = definition();
    definition["ContainerDefinitions"][0]["Secrets"] = json!([{ "Name": "KEY", "ValueFrom": "arn" }]);
    let outcome = Ecs::open(Settings {
        dir: dir.path().to_owned(),
        clusters: Vec::new(),
        task_definitions: vec![definition],
        images: HashMap::new(),
        region: "eu-west-1".to_owned(),
        account: "123456789012".to_owned(),
        pass_environment: Vec::new(),
        events,
    });
    assert!(matches!(outcome, Err(Error::Template { reason, .. }) if reason.contains("Secrets")));
}
