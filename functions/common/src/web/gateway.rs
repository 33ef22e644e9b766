//! API Gateway's form of requests and answers: HTTP APIs, payload version 2.0.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::{HeaderMap, HeaderName, HeaderValue};
use data_encoding::BASE64;

use super::request::FIELDS_LENGTH_MAX;
use super::{Method, Request, Response};

/// Reads a request; `None` for methods we do not have.
#[must_use]
pub fn request(event: &ApiGatewayV2httpRequest) -> Option<Request> {
    let method = match event.request_context.http.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        _ => return None,
    };
    let header = |name: &str| {
        event
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    // AWS gives cookies in a list of their own; an emulator leaves them in their header.
    let cookies = match &event.cookies {
        Some(cookies) if !cookies.is_empty() => cookies.join("; "),
        _ => header("cookie").to_owned(),
    };
    let request = Request::new(
        method,
        event.raw_path.as_deref().unwrap_or_default(),
        event.raw_query_string.as_deref().unwrap_or_default(),
        &cookies,
        &form(event),
    );
    Some(request.in_languages(header("accept-language")))
}

fn form(event: &ApiGatewayV2httpRequest) -> String {
    let body = event.body.as_deref().unwrap_or_default();
    // Four characters of base64 are three bytes.
    if body.len() > FIELDS_LENGTH_MAX * 2 {
        return String::new();
    }
    match event.is_base64_encoded {
        true => BASE64
            .decode(body.as_bytes())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default(),
        false => body.to_owned(),
    }
}

/// Writes an answer.
#[must_use]
pub fn response(answer: Response) -> ApiGatewayV2httpResponse {
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers {
        let value =
            HeaderValue::from_str(&value).expect("header values are ours, without controls");
        headers.insert(HeaderName::from_static(name), value);
    }
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(answer.status);
    response.headers = headers;
    response.body = Some(Body::Text(answer.body));
    response.cookies = answer.cookies;
    response
}
