//! The Lambda entry: configuration, the world, and the runtime's loop.
// The SDK nests its futures deeper than the compiler looks by itself.
#![recursion_limit = "256"]

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use common::aws::Aws;
use common::config::SyncConfig;
use common::telemetry;
use common::web::{Method, Request, gateway};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use recording::Recorder;
use settings_page::routes::answer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let recorder = Recorder::new(Aws::new(SyncConfig::from_env()?));
    run(service_fn(|event| {
        recorder.world.counting(invocation(&recorder, event))
    }))
    .await
}

async fn invocation(
    recorder: &Recorder<Aws>,
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    // API Gateway sends us nothing but our own routes; anything else is answered as not found.
    let request = gateway::request(&event.payload)
        .unwrap_or_else(|| Request::new(Method::Get, "", "", "", ""));
    Ok(gateway::response(answer(recorder, &request).await))
}
