//! The one path every request to a company takes.

use std::time::Duration;

use bookkeeping::ids::RealmId;
use bookkeeping::request_id::RequestId;
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use crate::fault::{Fault, fault_in};
use crate::query::percent_encoded;
use crate::transport::{Answer, Body, Credentials, Method, Request, Transport};

/// The version of the API we speak. Lower ones are served as this one since 1 August 2025.
///
/// Source: Intuit developer blog, "Changes to our Accounting API", 2025-01-21.
const MINOR_VERSION: &str = "75";

/// A company we may read from and write to, with a usable access token.
pub struct CompanyClient<'a, T> {
    /// What carries the requests.
    pub transport: T,
    /// Base of the API without `/v3`, no slash at the end.
    pub api_url: &'a str,
    /// The company.
    pub realm: &'a RealmId,
    /// The access token.
    pub token: &'a SecretString,
    /// How long to wait for an answer.
    pub timeout: Duration,
}

impl<T: Transport> CompanyClient<'_, T> {
    /// Writes one entity under a request id and reads the answer.
    pub(crate) async fn create<R: DeserializeOwned>(
        &self,
        entity: &str,
        request_id: &RequestId,
        body: String,
    ) -> Result<R, Fault> {
        let id = request_id.as_str();
        let path = format!("{entity}?minorversion={MINOR_VERSION}&requestid={id}");
        self.read_answer(self.send(Method::Post, &path, Some(body)).await?)
    }

    /// Runs one query. Metered: Intuit counts every successful one.
    pub(crate) async fn query<R: DeserializeOwned>(&self, statement: &str) -> Result<R, Fault> {
        let path = format!(
            "query?query={}&minorversion={MINOR_VERSION}",
            percent_encoded(statement)
        );
        self.read_answer(self.send(Method::Get, &path, None).await?)
    }

    /// Reads one path of the company. Metered.
    pub(crate) async fn get<R: DeserializeOwned>(&self, path: &str) -> Result<R, Fault> {
        let path = format!("{path}?minorversion={MINOR_VERSION}");
        self.read_answer(self.send(Method::Get, &path, None).await?)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Answer, Fault> {
        let url = format!("{}/v3/company/{}/{path}", self.api_url, self.realm.as_str());
        let request = Request {
            method,
            url,
            credentials: Credentials::Bearer(self.token),
            headers: &[],
            body: body.map(Body::Json),
            timeout: self.timeout,
        };
        self.transport.send(&request).await.map_err(Fault::silent)
    }

    fn read_answer<R: DeserializeOwned>(&self, answer: Answer) -> Result<R, Fault> {
        if let Some(fault) = fault_in(&answer) {
            return Err(fault);
        }
        serde_json::from_slice(&answer.body).map_err(|_| Fault::unreadable(&answer))
    }
}
