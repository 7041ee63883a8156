//! Builds as ECS tasks. The only crate that names ECS.

mod report;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::error::DisplayErrorContext;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, ContainerOverride, KeyValuePair,
    NetworkConfiguration, TaskOverride,
};
use aws_types::SdkConfig;
use domain::{Deployment, Error};

pub use report::TaskReport;

/// Where builds run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The cluster's name or ARN.
    pub cluster: String,
    /// The family of the builder's task definition; the newest revision runs.
    pub task_definition: String,
    /// Public subnets, so that no NAT gateway is needed.
    pub subnets: Vec<String>,
    /// A group without ingress.
    pub security_group: String,
}

/// Starts, stops and looks at build tasks.
#[derive(Debug, Clone)]
pub struct Builds {
    client: Client,
    settings: Settings,
}

impl Builds {
    /// Builds that run there, reached with this configuration.
    pub fn new(config: &SdkConfig, settings: Settings) -> Self {
        Self { client: Client::new(config), settings }
    }

    /// Asks for the task of a deployment's current attempt and returns its ARN. The call is the same each time it is
    /// made for one attempt, and `clientToken` makes ECS start one task only. First attempts run on Spot.
    pub async fn start(&self, deployment: &Deployment) -> Result<String, Error> {
        let ticket = deployment.ticket.as_deref().ok_or_else(|| Error::unavailable("the attempt has no ticket"))?;
        let provider = if deployment.attempt > 1 { "FARGATE" } else { "FARGATE_SPOT" };
        let variable = |name: &str, value: &str| KeyValuePair::builder().name(name).value(value).build();
        let container = ContainerOverride::builder()
            .name("builder")
            .environment(variable("SLIPWAY_PROJECT", &deployment.project.to_string()))
            .environment(variable("SLIPWAY_DEPLOYMENT", &deployment.id.to_string()))
            .environment(variable("SLIPWAY_TICKET", ticket))
            .build();
        let strategy = CapacityProviderStrategyItem::builder().capacity_provider(provider).weight(1).build();
        let answer = self
            .client
            .run_task()
            .cluster(&self.settings.cluster)
            .task_definition(&self.settings.task_definition)
            .count(1)
            .client_token(format!("{}-{}", deployment.id, deployment.attempt))
            .started_by(deployment.started_by())
            .capacity_provider_strategy(strategy.map_err(Error::unavailable)?)
            .network_configuration(self.network()?)
            .overrides(TaskOverride::builder().container_overrides(container).build())
            .send()
            .await
            .map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
        // RunTask answers 200 even when it could place nothing.
        if let Some(failure) = answer.failures().first() {
            let reason = failure.reason().unwrap_or("no reason given");
            return Err(Error::unavailable(format!("ECS could not place the task: {reason}")));
        }
        let arn = answer.tasks().first().and_then(|task| task.task_arn());
        arn.map(str::to_owned).ok_or_else(|| Error::unavailable("RunTask named no task"))
    }

    /// Ends a task; one that is over already is fine.
    pub async fn stop(&self, task: &str, reason: &str) -> Result<(), Error> {
        let request = self.client.stop_task().cluster(&self.settings.cluster).task(task).reason(reason);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(service) if service.is_invalid_parameter_exception() => Ok(()),
                _ => Err(Error::unavailable(DisplayErrorContext(&error))),
            },
        }
    }

    /// What ECS knows of these tasks (at most 100). A task it no longer knows is absent.
    pub async fn describe(&self, tasks: &[String]) -> Result<Vec<TaskReport>, Error> {
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        let request = self.client.describe_tasks().cluster(&self.settings.cluster).set_tasks(Some(tasks.to_vec()));
        let answer = request.send().await.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
        Ok(answer.tasks().iter().filter_map(TaskReport::of).collect())
    }

    /// The ARNs of up to 100 build tasks that run, and where the next ones begin.
    pub async fn running(&self, after: Option<String>) -> Result<(Vec<String>, Option<String>), Error> {
        let request = self.client.list_tasks().cluster(&self.settings.cluster).family(&self.settings.task_definition);
        let answer = request.set_next_token(after).send().await;
        let answer = answer.map_err(|error| Error::unavailable(DisplayErrorContext(&error)))?;
        Ok((answer.task_arns().to_vec(), answer.next_token().map(str::to_owned)))
    }

    fn network(&self) -> Result<NetworkConfiguration, Error> {
        let vpc = AwsVpcConfiguration::builder()
            .set_subnets(Some(self.settings.subnets.clone()))
            .security_groups(&self.settings.security_group)
            .assign_public_ip(AssignPublicIp::Enabled)
            .build()
            .map_err(Error::unavailable)?;
        Ok(NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
    }
}
