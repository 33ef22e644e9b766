//! The Lambda entry: configuration, the world, and the runtime's loop.
// The SDK nests its futures deeper than the compiler looks by itself.
#![recursion_limit = "256"]

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use common::aws::Aws;
use common::config::{SyncConfig, WebConfig};
use common::telemetry;
use common::web::gateway;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use oauth_connect::Desk;
use oauth_connect::routes::{answer, no_such_method};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let web = WebConfig::from_env()?;
    let desk = Desk {
        world: Aws::new(SyncConfig::from_env()?),
        public_url: web.public_url,
        authorize_url: web.authorize_url,
    };
    run(service_fn(|event| {
        desk.world.counting(invocation(&desk, event))
    }))
    .await
}

async fn invocation(
    desk: &Desk<Aws>,
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    Ok(gateway::response(match gateway::request(&event.payload) {
        Some(request) => answer(desk, &request).await,
        None => no_such_method(desk),
    }))
}
