//! OAuth: codes, tokens, their clocks, and how a dead token looks on an API call.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::{Json, Reply, Request};

use crate::support::{Desk, ONTARIO, QUEBEC};

const BASIC: &str = "Basic ZGVtby1jbGllbnQ6ZGVtby1zZWNyZXQ=";
const CALLBACK: &str = "http%3A%2F%2Flocalhost%3A8080%2Fcallback";
const ACCOUNTING: &str = "com.intuit.quickbooks.accounting";

fn form(desk: &mut Desk, path: &str, authorization: &str, body: &str) -> Reply {
    let request = Request::new("POST", path)
        .header("authorization", authorization)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    desk.intuit.handle(desk.now, &request)
}

fn token(desk: &mut Desk, body: &str) -> (u16, Json) {
    let reply = form(desk, "/oauth2/v1/tokens/bearer", BASIC, body);
    (reply.status, Json::read(&reply.text()).unwrap())
}

fn refresh(desk: &mut Desk, value: &str) -> (u16, Json) {
    token(
        desk,
        &format!("grant_type=refresh_token&refresh_token={value}"),
    )
}

fn error(answer: &(u16, Json)) -> (u16, String) {
    (
        answer.0,
        answer.1.said("error").unwrap_or_default().to_owned(),
    )
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

fn consent(desk: &mut Desk, scope: &str, realm: &str) -> String {
    let body = format!(
        "client_id=demo-client&response_type=code&scope={scope}&redirect_uri={CALLBACK}&state=s1&realmId={realm}"
    );
    let reply = form(desk, "/connect/oauth2/consent", "", &body);
    assert_eq!(reply.status, 302, "{}", reply.text());
    reply
        .headers
        .iter()
        .find(|(name, _)| name == "location")
        .unwrap()
        .1
        .clone()
}

fn code_of(location: &str) -> String {
    location
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned()
}

#[test]
fn the_consent_page_is_shown_to_a_request_that_is_in_order() {
    let mut desk = Desk::at(QUEBEC);
    let good = format!(
        "client_id=demo-client&response_type=code&scope={ACCOUNTING}&redirect_uri={CALLBACK}&state=s1"
    );
    for (query, status, says) in [
        (good.clone(), 200, "Nettoyage Laurier inc."),
        (good.replace("demo-client", "someone"), 400, "client_id"),
        (good.replace("callback", "callback%2F"), 400, "redirect_uri"),
        (good.replace("&state=s1", ""), 400, "state"),
        (
            good.replace("response_type=code", "response_type=token"),
            400,
            "response_type",
        ),
        (good.replace(ACCOUNTING, "everything"), 302, ""),
    ] {
        let reply = desk.intuit.handle(
            desk.now,
            &Request::new("GET", &format!("/connect/oauth2?{query}")),
        );
        assert_eq!(reply.status, status, "{query}");
        assert!(reply.text().contains(says), "{query}: {}", reply.text());
        if status == 302 {
            assert!(
                reply
                    .headers
                    .iter()
                    .any(|(_, value)| value.ends_with("?error=invalid_scope&state=s1"))
            );
        }
    }
}

#[test]
fn consent_sends_a_code_or_a_denial() {
    let mut desk = Desk::at(QUEBEC);
    let location = consent(&mut desk, ACCOUNTING, ONTARIO);
    assert!(
        location.starts_with("http://localhost:8080/callback?code=AB1"),
        "{location}"
    );
    assert!(location.ends_with(&format!("&state=s1&realmId={ONTARIO}")));
    assert_eq!(
        consent(&mut desk, ACCOUNTING, ""),
        "http://localhost:8080/callback?error=access_denied&state=s1"
    );
}

#[test]
fn a_code_gives_tokens_once_and_its_second_use_kills_them() {
    let mut desk = Desk::at(QUEBEC);
    let code = code_of(&consent(&mut desk, ACCOUNTING, QUEBEC));
    let exchange = format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}");
    assert_eq!(
        error(&token(
            &mut desk,
            &exchange.replace("callback", "elsewhere")
        )),
        invalid_grant()
    );
    let (status, tokens) = token(&mut desk, &exchange);
    assert_eq!(status, 200);
    assert_eq!(tokens.said("token_type"), Some("bearer"));
    assert_eq!(
        tokens.get("expires_in").map(Json::to_text).as_deref(),
        Some("3600")
    );
    assert_eq!(
        tokens
            .get("x_refresh_token_expires_in")
            .map(Json::to_text)
            .as_deref(),
        Some("8640000")
    );
    assert!(tokens.get("x_refresh_token_hard_expires_in").is_none());
    let value = tokens.said("refresh_token").unwrap().to_owned();
    assert_eq!(refresh(&mut desk, &value).0, 200);
    assert_eq!(error(&token(&mut desk, &exchange)), invalid_grant());
    assert_eq!(error(&refresh(&mut desk, &value)), invalid_grant());
}

#[test]
fn a_code_lives_ten_minutes() {
    let mut desk = Desk::at(QUEBEC);
    let code = code_of(&consent(&mut desk, ACCOUNTING, QUEBEC));
    desk.pass(601);
    assert_eq!(
        error(&token(
            &mut desk,
            &format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}")
        )),
        invalid_grant()
    );
}

#[test]
fn malformed_token_requests_are_refused() {
    let mut desk = Desk::at(QUEBEC);
    let value = desk.tokens.refresh.clone();
    for (body, outcome) in [
        ("", "invalid_request"),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=authorization_code&code=x", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        (
            "grant_type=refresh_token&refresh_token=guess",
            "invalid_grant",
        ),
    ] {
        assert_eq!(
            error(&token(&mut desk, body)),
            (400, outcome.to_owned()),
            "{body}"
        );
    }
    let reply = form(
        &mut desk,
        "/oauth2/v1/tokens/bearer",
        "Basic Z3Vlc3M6Z3Vlc3M=",
        &format!("grant_type=refresh_token&refresh_token={value}"),
    );
    assert_eq!(
        (reply.status, reply.text().contains("invalid_client")),
        (401, true)
    );
    let in_form = format!(
        "grant_type=refresh_token&refresh_token={value}&client_id=demo-client&client_secret=demo-secret"
    );
    assert_eq!(
        form(&mut desk, "/oauth2/v1/tokens/bearer", "", &in_form).status,
        200
    );
}

#[test]
fn a_refresh_token_changes_after_a_day_and_the_old_one_is_dead_graced_or_deadly() {
    for (reading, old_works, new_works) in [
        ("refuse", false, true),
        ("grace", true, true),
        ("revoke", false, false),
    ] {
        let mut desk = Desk::at(QUEBEC);
        desk.switch(json!({"old_refresh_token": reading}));
        let old = desk.tokens.refresh.clone();
        desk.pass(24 * 3600 - 1);
        assert_eq!(
            refresh(&mut desk, &old).1.said("refresh_token"),
            Some(old.as_str()),
            "{reading}"
        );
        desk.pass(1);
        let new = refresh(&mut desk, &old)
            .1
            .said("refresh_token")
            .unwrap()
            .to_owned();
        assert_ne!(new, old, "{reading}");
        assert_eq!(
            desk.intuit.current_refresh_token(QUEBEC),
            Some(new.as_str())
        );
        let again = refresh(&mut desk, &old);
        assert_eq!(again.0 == 200, old_works, "{reading}");
        if old_works {
            assert_eq!(again.1.said("refresh_token"), Some(new.as_str()));
        }
        assert_eq!(refresh(&mut desk, &new).0 == 200, new_works, "{reading}");
        desk.pass(24 * 3600 + 1);
        assert_eq!(
            error(&refresh(&mut desk, &old)),
            invalid_grant(),
            "{reading}"
        );
    }
}

#[test]
fn two_refreshes_at_once_do_not_both_win() {
    for (reading, second_works, first_survives) in [
        ("refuse", false, true),
        ("revoke", false, false),
        ("allow", true, true),
    ] {
        let mut desk = Desk::at(QUEBEC);
        desk.switch(json!({"concurrent_refresh": reading, "latency_milliseconds": 500}));
        let value = desk.tokens.refresh.clone();
        let first = refresh(&mut desk, &value);
        assert_eq!(first.0, 200);
        assert_eq!(
            refresh(&mut desk, &value).0 == 200,
            second_works,
            "{reading}"
        );
        desk.now += SignedDuration::from_millis(500);
        desk.tokens.access = first.1.said("access_token").unwrap().to_owned();
        let survives = desk.send("GET", "preferences", "").status == 200;
        assert_eq!(survives, first_survives, "{reading}");
    }
}

#[test]
fn the_clocks_of_a_hundred_days_and_five_years_run_out() {
    const DAY: i64 = 24 * 3600;
    let mut desk = Desk::at(QUEBEC);
    desk.pass(100 * DAY);
    let value = desk.tokens.refresh.clone();
    let mut value = refresh(&mut desk, &value)
        .1
        .said("refresh_token")
        .unwrap()
        .to_owned();
    desk.pass(100 * DAY + 1);
    assert_eq!(
        error(&refresh(&mut desk, &value)),
        invalid_grant(),
        "unused for more than a hundred days"
    );

    desk.tokens = desk.intuit.connect(desk.now, QUEBEC).unwrap();
    value = desk.tokens.refresh.clone();
    for _ in 0..18 {
        desk.pass(100 * DAY);
        value = refresh(&mut desk, &value)
            .1
            .said("refresh_token")
            .unwrap()
            .to_owned();
    }
    let request = Request::new("POST", "/oauth2/v1/tokens/bearer")
        .header("authorization", BASIC)
        .header("x-include-refresh-token-hard-expires-in", "true")
        .body(format!("grant_type=refresh_token&refresh_token={value}"));
    let answer = Json::read(&desk.intuit.handle(desk.now, &request).text()).unwrap();
    assert_eq!(
        answer
            .get("x_refresh_token_hard_expires_in")
            .map(Json::to_text),
        Some((25 * DAY).to_string())
    );
    desk.pass(25 * DAY + 1);
    assert_eq!(
        error(&refresh(&mut desk, &value)),
        invalid_grant(),
        "five years after the first authorization"
    );
}

#[test]
fn either_token_revokes_everything_as_json_or_as_a_form() {
    for json_body in [true, false] {
        for access in [true, false] {
            let mut desk = Desk::at(QUEBEC);
            let value = if access {
                desk.tokens.access.clone()
            } else {
                desk.tokens.refresh.clone()
            };
            let (content_type, body) = if json_body {
                ("application/json", json!({"token": value}).to_string())
            } else {
                (
                    "application/x-www-form-urlencoded",
                    format!("token={value}"),
                )
            };
            let request = Request::new("POST", "/v2/oauth2/tokens/revoke")
                .header("authorization", BASIC)
                .header("content-type", content_type)
                .body(body);
            assert_eq!(desk.intuit.handle(desk.now, &request).status, 200);
            assert_eq!(
                desk.intuit.handle(desk.now, &request).status,
                400,
                "already revoked"
            );
            assert_eq!(desk.get("preferences").code(), "3200");
            let refresh_token = desk.tokens.refresh.clone();
            assert_eq!(error(&refresh(&mut desk, &refresh_token)), invalid_grant());
        }
    }
}

#[test]
fn a_token_that_does_not_open_the_company_is_refused_in_one_of_three_shapes() {
    let mut desk = Desk::at(QUEBEC);
    let good = desk.tokens.access.clone();
    let ask = |desk: &mut Desk, token: Option<&str>, realm: &str| {
        let mut request = Request::new("GET", &format!("/v3/company/{realm}/preferences"))
            .header("accept", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        let reply = desk.intuit.handle(desk.now, &request);
        (reply.status, Json::read(&reply.text()).unwrap())
    };
    let (status, body) = ask(&mut desk, None, QUEBEC);
    assert_eq!(
        (status, body.at("fault.type").and_then(Json::as_text)),
        (401, Some("AUTHENTICATION"))
    );
    assert!(
        body.get("time")
            .is_some_and(|time| time.as_number().is_some()),
        "the gateway tells time as a number"
    );
    let (_, body) = ask(&mut desk, Some("short"), QUEBEC);
    assert!(body.to_text().contains("Malformed bearer token"));
    let (status, body) = ask(&mut desk, Some(&good), ONTARIO);
    assert_eq!(
        (status, body.at("Fault.type").and_then(Json::as_text)),
        (401, Some("AuthenticationFault"))
    );
    assert_eq!(ask(&mut desk, Some(&good), "1234567890123456").0, 401);
    assert_eq!(ask(&mut desk, Some(&good), QUEBEC).0, 200);
    desk.pass(3600);
    let (status, body) = ask(&mut desk, Some(&good), QUEBEC);
    assert_eq!(
        (status, body.to_text().contains("Token expired")),
        (401, true)
    );
}

#[test]
fn a_token_without_the_accounting_scope_is_forbidden_and_without_openid_tells_nobody() {
    let mut desk = Desk::at(QUEBEC);
    let openid = desk.control("connect", json!({"realm": QUEBEC, "scope": "openid email"}));
    let access = openid.at("access_token");
    let bearer = |token: &str| format!("Bearer {token}");
    let info = Request::new("GET", "/v1/openid_connect/userinfo");
    let accounting = desk.tokens.access.clone();
    assert_eq!(
        desk.intuit
            .handle(
                desk.now,
                &info.clone().header("authorization", &bearer(&accounting))
            )
            .status,
        401
    );
    assert_eq!(
        desk.intuit
            .handle(desk.now, &info.header("authorization", &bearer(&access)))
            .status,
        200
    );
    desk.tokens.access = access;
    let refused = desk.get("preferences");
    assert_eq!((refused.status, refused.code()), (403, "3100".to_owned()));
}

#[test]
fn the_discovery_document_points_back_here() {
    let mut desk = Desk::at(QUEBEC);
    for path in [
        "/.well-known/openid_configuration",
        "/.well-known/openid_sandbox_configuration/",
    ] {
        let reply = desk.intuit.handle(
            desk.now,
            &Request::new("GET", path).header("host", "127.0.0.1:99"),
        );
        let document = Json::read(&reply.text()).unwrap();
        assert_eq!(
            document.said("token_endpoint"),
            Some("http://127.0.0.1:99/oauth2/v1/tokens/bearer")
        );
    }
}

#[test]
fn the_app_can_be_another_one() {
    let mut desk = Desk::at(QUEBEC);
    desk.control("app", json!({"client_id": "mine", "client_secret": "s", "redirect_uris": ["https://app.example/cb"]}));
    let value = desk.tokens.refresh.clone();
    assert_eq!(refresh(&mut desk, &value).0, 401);
    let request = Request::new("POST", "/simulator/connect")
        .body(json!({"realm": QUEBEC, "client_id": "demo-client"}).to_string());
    assert_eq!(desk.intuit.handle(desk.now, &request).status, 400);
    desk.control("reset", json!({}));
    assert_eq!(
        desk.intuit.app().client_id,
        "mine",
        "the registered app outlives a reset"
    );
    let gone = desk.control("counters", Value::Null);
    assert_eq!(gone.at(&format!("{QUEBEC}.requests")), "0");
}

#[test]
fn what_is_open_about_codes_and_clients_can_be_switched() {
    let mut desk = Desk::at(QUEBEC);
    desk.switch(json!({"code_reuse_revokes": false, "invalid_client_status": 400}));
    let code = code_of(&consent(&mut desk, ACCOUNTING, QUEBEC));
    let exchange = format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}");
    let value = token(&mut desk, &exchange)
        .1
        .said("refresh_token")
        .unwrap()
        .to_owned();
    assert_eq!(error(&token(&mut desk, &exchange)), invalid_grant());
    assert_eq!(
        refresh(&mut desk, &value).0,
        200,
        "the first one's tokens live on"
    );
    let reply = form(
        &mut desk,
        "/oauth2/v1/tokens/bearer",
        "Basic x",
        "grant_type=refresh_token",
    );
    assert_eq!(reply.status, 400);
}
