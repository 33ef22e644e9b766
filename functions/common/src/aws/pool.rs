//! AWS over the pool that QuickBooks is asked through: the system's certificates are read once, not twice, and HTTP is linked
//! once. A function then starts in half the time.
//!
//! No request streams: its body is in memory, and so is its answer.

use std::error::Error;
use std::mem::take;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use reqwest::{Body, Client, Request};

/// How long AWS may take for an answer before it is asked again: its own take milliseconds, and an invocation has a minute.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Carries the SDK's requests over a pool of connections.
#[derive(Clone, Debug)]
pub struct Pool(Client);

impl Pool {
    /// The SDK's way out over this client.
    #[must_use]
    pub fn over(client: &Client) -> Self {
        Self(client.clone())
    }

    /// The SDK as it is configured, over this pool, which waits for an answer for twenty seconds.
    #[must_use]
    pub fn carry(self, sdk: SdkConfig) -> SdkConfig {
        sdk.into_builder()
            // Pinned, so that a dependency update cannot change retries or timeouts silently.
            .behavior_version(BehaviorVersion::v2026_01_12())
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::builder().read_timeout(ANSWER_WITHIN).build())
            // It watches bodies that stream, and takes one that is sent whole for one that stalls.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(self)
            .build()
    }
}

impl HttpClient for Pool {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            client: self.0.clone(),
            read_timeout: settings.read_timeout(),
        })
    }
}

/// The same, for one kind of request.
#[derive(Debug)]
struct Connector {
    client: Client,
    read_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (client, read_timeout) = (self.client.clone(), self.read_timeout);
        HttpConnectorFuture::new(async move {
            let mut request = drawn(request).map_err(ConnectorError::user)?;
            *request.timeout_mut() = read_timeout;
            let mut answer = client.execute(request).await.map_err(silence)?;
            let (status, headers) = (answer.status(), take(answer.headers_mut()));
            let body = answer.bytes().await.map_err(silence)?;
            let mut told = HttpResponse::new(status.into(), SdkBody::from(body));
            *told.headers_mut() = headers
                .try_into()
                .map_err(|error| ConnectorError::other(Box::new(error), None))?;
            Ok(told)
        })
    }
}

/// The SDK's request as the pool takes it.
fn drawn(request: HttpRequest) -> Result<Request, Box<dyn Error + Send + Sync>> {
    let request = request.try_into_http1x()?;
    let body = request.body().bytes().ok_or("its body is not in memory")?;
    let body = Body::from(body.to_vec());
    Ok(request.map(|_| body).try_into()?)
}

/// Why nothing came back, as the SDK's retries tell it apart.
fn silence(error: reqwest::Error) -> ConnectorError {
    match error.is_timeout() {
        true => ConnectorError::timeout(error.into()),
        false => ConnectorError::io(error.into()),
    }
}
