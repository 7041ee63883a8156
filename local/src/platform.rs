//! Puts the platform together: locks the state, reads the template, opens the back ends, listens.

mod error;
mod lock;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::serve::ListenerExt;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use error::StartError;
use lock::Lock;

use crate::aws::credentials::Credentials;
use crate::aws::dynamodb::DynamoDb;
use crate::aws::ecs::{self, Ecs};
use crate::aws::keyvalue::KeyValueStores;
use crate::aws::s3::S3;
use crate::aws_endpoint::{Endpoint, Faults, Recorder, Services};
use crate::durable;
use crate::edge::EdgeFunction;
use crate::events::bus::Bus;
use crate::front::{Front, Site};
use crate::http_api::Gateway;
use crate::lambda::background::Background;
use crate::lambda::{Environment, Lambda, Pool, leftovers};
use crate::queues::Queues;
use crate::ssm::Parameters;
use crate::template::{ACCOUNT, Addresses, Function, REGION, Template};

/// How to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The template.
    pub template: PathBuf,
    /// Folder of the functions' executables.
    pub bin_dir: PathBuf,
    /// Folder of all state.
    pub state: PathBuf,
    /// Port of the HTTP API and the sites; 0 is any.
    pub port: u16,
    /// Port of the AWS APIs; 0 is any.
    pub aws_port: u16,
    /// Values of template parameters.
    pub parameters: BTreeMap<String, String>,
    /// Executables that stand for container images.
    pub images: HashMap<String, PathBuf>,
    /// Whether AWS calls are appended to `calls.jsonl`.
    pub record: bool,
    /// Pauses before the retries of asynchronous invocations.
    pub retry_delays: Vec<Duration>,
    /// `PATH` of every process.
    pub path: String,
    /// Variables that containers get besides their own.
    pub task_environment: Vec<(String, String)>,
}

/// A running platform.
pub struct Platform {
    /// Where it listens.
    pub addresses: Addresses,
    lambda: Lambda,
    ecs: Ecs,
    servers: Vec<JoinHandle<std::io::Result<()>>>,
    state: PathBuf,
    _lock: Lock,
}

impl Platform {
    /// Starts everything; the platform answers when this returns.
    ///
    /// # Errors
    /// The state is in use, a port is taken, the template asks for something unsupported, an executable is missing.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let file = |what: &'static str| move |source| StartError::State { what, source };
        fs::create_dir_all(&settings.state).map_err(file("create the state folder"))?;
        // Children run in folders of their own, so every path they are told must be whole.
        let state = settings.state.canonicalize().map_err(file("find the state folder"))?;
        let lock = Lock::take(&state)?;
        let public = listen(settings.port, "--port").await?;
        let aws = listen(settings.aws_port, "--aws-port").await?;
        let address = |listener: &TcpListener| listener.local_addr().map_err(file("read the address of a listener"));
        let addresses = Addresses { public: address(&public)?, aws: address(&aws)? };
        let template = Template::load(&settings.template, &settings.parameters, addresses)?;
        let processes = state.join("processes");
        let ended = leftovers::end_all(&processes).map_err(file("end processes of an earlier run"))?;
        if ended > 0 {
            tracing::info!(ended, "ended processes of an earlier run");
        }

        let s3 = S3::open(&state.join("s3"), &template.buckets)?;
        let credentials = Credentials::open(&state.join("s3"))?;
        let logs = state.join("logs");
        fs::create_dir_all(&logs).map_err(file("create the folder of logs"))?;
        let environment =
            Environment { path: settings.path.clone(), endpoint: format!("http://{}", addresses.aws), logs, processes };
        let binaries = find_binaries(&template.functions, &settings.bin_dir)?;
        let pools = template.functions.iter().zip(binaries).map(|(function, binary)| {
            Pool::new(function.clone(), binary, credentials.secret_for(&function.id), environment.clone())
        });
        let lambda = Lambda::new(pools.collect());
        let queues = Queues::open(&state.join("queues"), &template.queues).map_err(file("open the queues"))?;
        let background =
            Background::open(&state.join("asynchronous"), settings.retry_delays, lambda.clone(), queues.clone());
        let background = background.map_err(file("open the asynchronous invocations"))?;
        let bus = Bus::new(&template, background.clone(), queues.clone());
        let key_values = KeyValueStores::open(&state.join("keyvalue"), &template.key_value_stores)?;
        let (events, task_events) = mpsc::unbounded_channel();
        let ecs = Ecs::open(ecs::Settings {
            dir: state.join("ecs"),
            clusters: template.clusters.clone(),
            task_definitions: template.task_definitions.clone(),
            images: settings.images,
            region: REGION.to_owned(),
            account: ACCOUNT.to_owned(),
            pass_environment: settings.task_environment,
            events,
        })?;
        tokio::spawn(publish(bus.clone(), task_events));
        let gateway = Gateway::new(&template, lambda.clone());
        let recorder = Recorder::open(settings.record.then(|| state.join("calls.jsonl")).as_deref());
        let endpoint = Endpoint {
            services: Arc::new(Services {
                dynamodb: DynamoDb::open(&state.join("dynamodb"), &template.tables)?,
                s3,
                ecs: ecs.clone(),
                key_values: key_values.clone(),
                lambda: lambda.clone(),
                background,
                bus,
                queues,
                parameters: Parameters::open(&state.join("ssm")).map_err(file("open the SSM parameters"))?,
                gateway: gateway.clone(),
                outputs: template.outputs.clone(),
                faults: Faults::default(),
                recorder: recorder.map_err(file("open calls.jsonl"))?,
            }),
        };
        let front = Front { gateway, site: site(&template, &lambda, key_values)? };
        let servers = vec![
            serve(
                public,
                Router::new()
                    .fallback(async |State(front): State<Front>, request: Request| front.handle(request).await)
                    .with_state(front),
            ),
            serve(
                aws,
                Router::new()
                    .fallback(async |State(endpoint): State<Endpoint>, request: Request| endpoint.handle(request).await)
                    .with_state(endpoint),
            ),
        ];
        let platform = Self { addresses, lambda, ecs, servers, state, _lock: lock };
        platform.announce().map_err(file("write platform.json"))?;
        Ok(platform)
    }

    fn announce(&self) -> std::io::Result<()> {
        let Addresses { public, aws } = self.addresses;
        let content =
            json!({ "pid": std::process::id(), "public": format!("http://{public}"), "aws": format!("http://{aws}") });
        durable::write(&self.state.join("platform.json"), content.to_string().as_bytes())
    }

    /// Stops taking requests, lets running ones end, ends processes and tasks.
    pub async fn stop(self) {
        _ = fs::remove_file(self.state.join("platform.json"));
        self.servers[0].abort();
        self.lambda.shutdown().await;
        self.ecs.shutdown().await;
        self.servers[1].abort();
    }
}

/// Task events become bus events; one that cannot be written is lost on AWS too, but never silently here.
async fn publish(bus: Bus, mut events: mpsc::UnboundedReceiver<serde_json::Value>) {
    while let Some(event) = events.recv().await {
        if let Err(error) = bus.publish(&event).await {
            tracing::error!(%error, "a task event could not be delivered");
        }
    }
}

async fn listen(port: u16, flag: &'static str) -> Result<TcpListener, StartError> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, flag, source })
}

fn serve(listener: TcpListener, router: Router) -> JoinHandle<std::io::Result<()>> {
    let listener = listener.tap_io(|stream| {
        // Small answers should not wait for more.
        _ = stream.set_nodelay(true);
    });
    tokio::spawn(axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).into_future())
}

/// The executable is named after the last segment of `CodeUri`: `<bin-dir>/auth`, or `<bin-dir>/auth/bootstrap` as
/// `cargo lambda build` lays it out.
fn find_binaries(functions: &[Function], folder: &Path) -> Result<Vec<PathBuf>, StartError> {
    let mut missing = Vec::new();
    let mut found = Vec::new();
    for function in functions {
        let name = function.code_uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let candidates = [folder.join(name), folder.join(name).join("bootstrap")];
        match candidates.iter().find(|path| path.is_file()).and_then(|path| path.canonicalize().ok()) {
            Some(path) => found.push(path),
            None => missing.push(name.to_owned()),
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    Err(StartError::Binaries { folder: folder.to_owned(), missing: missing.join(", ") })
}

fn site(template: &Template, lambda: &Lambda, stores: KeyValueStores) -> Result<Option<Site>, StartError> {
    let Some(distribution) = template.distributions.first() else { return Ok(None) };
    let origin = lambda.by_url(&distribution.origin).cloned();
    let origin = origin.ok_or_else(|| StartError::Origin(distribution.origin.clone()))?;
    let function = distribution.viewer_request.as_ref();
    let function = function.and_then(|arn| template.edge_functions.iter().find(|function| function.arn == *arn));
    let edge =
        function.map(|function| EdgeFunction::new(&function.source, stores, function.store.clone())).transpose()?;
    Ok(Some(Site { distribution: Arc::new(distribution.clone()), edge, origin }))
}
