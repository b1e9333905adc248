//! The routes. `routes!` registers a handler and documents it in one step, so that the document
//! cannot miss one.

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware;
use axum::routing::any;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiError;
use super::guard::{guard, scope_of};
use super::{
    accounts, automations, checks, deliveries, keys, kill_switch, messages, openapi, previews, signature_lab, status,
    threads,
};
use crate::http::App;

/// The name of the security scheme in the description.
const KEY_SCHEME: &str = "key";

/// The routes of this surface.
pub fn router(app: &App) -> Router<App> {
    let (router, _document) = documented().split_for_parts();
    router
        .route("/api", any(unknown))
        .route("/api/{*rest}", any(unknown))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), guard))
}

/// The description of the routes, with what each needs of its caller.
pub(super) fn document() -> OpenApi {
    let mut document = documented().into_openapi();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A key (`ssk_…`, made with POST /api/v1/keys) with the scope that is named at each operation, or the admin \
             token. On the machine itself, without a proxy, none is needed.",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(KEY_SCHEME, SecurityScheme::Http(bearer));
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (Method::GET, &mut item.get),
            (Method::PUT, &mut item.put),
            (Method::POST, &mut item.post),
            (Method::PATCH, &mut item.patch),
            (Method::DELETE, &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                let scope = scope_of(&method, path).as_str();
                operation.security = Some(vec![SecurityRequirement::new(KEY_SCHEME, [scope])]);
            }
        }
    }
    document
}

fn documented() -> OpenApiRouter<App> {
    let info = InfoBuilder::new()
        .title("selfsame gateway")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Accounts, automations and messages of the business side."))
        .build();
    OpenApiRouter::with_openapi(OpenApiBuilder::new().info(info).build())
        .routes(routes!(status::status))
        .routes(routes!(kill_switch::get_kill_switch, kill_switch::put_kill_switch))
        .routes(routes!(messages::list_messages, messages::send_message))
        .routes(routes!(messages::get_message))
        .routes(routes!(messages::send_again))
        .routes(routes!(messages::release))
        .routes(routes!(messages::dismiss))
        .routes(routes!(accounts::list_accounts, accounts::connect_account))
        .routes(routes!(
            accounts::get_account,
            accounts::change_account,
            accounts::disconnect_account
        ))
        .routes(routes!(accounts::account_health))
        .routes(routes!(accounts::install_webhooks))
        .routes(routes!(
            accounts::get_forward,
            accounts::put_forward,
            accounts::delete_forward
        ))
        .routes(routes!(accounts::make_engine_key, accounts::revoke_engine_key))
        .routes(routes!(accounts::get_account_automations))
        .routes(routes!(accounts::replace_account_draft))
        .routes(routes!(accounts::publish_account_automations))
        .routes(routes!(accounts::account_automations_history))
        .routes(routes!(accounts::roll_back_account_automations))
        .routes(routes!(threads::list_paused, threads::take_over, threads::hand_back))
        .routes(routes!(automations::get_automations))
        .routes(routes!(automations::validate))
        .routes(routes!(automations::publish))
        .routes(routes!(automations::history))
        .routes(routes!(automations::roll_back))
        .routes(routes!(automations::schema))
        .routes(routes!(
            accounts::get_reconciliation,
            accounts::reconcile_account,
            accounts::interrupt_reconciliation
        ))
        .routes(routes!(accounts::replay_gaps))
        .routes(routes!(checks::get_checks))
        .routes(routes!(keys::list_keys, keys::make_key))
        .routes(routes!(keys::revoke_key))
        .routes(routes!(deliveries::list_deliveries))
        .routes(routes!(deliveries::get_delivery))
        .routes(routes!(deliveries::replay_delivery))
        .routes(routes!(deliveries::list_failed_signatures))
        .routes(routes!(signature_lab::examine_signature))
        .routes(routes!(previews::list_previews, previews::create_preview))
        .routes(routes!(previews::get_preview))
        .routes(routes!(previews::take_turn))
        .routes(routes!(previews::end_preview))
        .routes(routes!(openapi::openapi))
}

async fn unknown(method: Method, uri: Uri) -> ApiError {
    let message = format!("there is no {method} {}; see /api/v1/openapi.json", uri.path());
    ApiError::not_found("unknown_path", message, None)
}

async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    let message = format!("{} does not take {method}; see /api/v1/openapi.json", uri.path());
    ApiError::bad_request("wrong_method", message, None).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn every_operation_names_the_scope_that_it_needs() {
        let json = serde_json::to_value(document()).unwrap();
        assert_eq!(json["components"]["securitySchemes"]["key"]["scheme"], "bearer");
        for (path, item) in json["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let scope = operation["security"][0]["key"][0].as_str();
                let expected = if path.contains("/previews") {
                    "automations"
                } else if method == "get" && !path.ends_with("/keys") {
                    "read"
                } else {
                    ""
                };
                assert!(
                    scope.is_some_and(|scope| expected.is_empty() || scope == expected),
                    "{method} {path}"
                );
            }
        }
    }

    #[test]
    fn every_route_of_the_design_is_described() {
        let json = serde_json::to_value(document()).unwrap();
        let paths = json["paths"].as_object().unwrap();
        let known = [
            ("/api/v1/status", &["get"][..]),
            ("/api/v1/kill-switch", &["get", "put"]),
            ("/api/v1/messages", &["get", "post"]),
            ("/api/v1/messages/{id}", &["get"]),
            ("/api/v1/messages/{id}/send-again", &["post"]),
            ("/api/v1/messages/{id}/release", &["post"]),
            ("/api/v1/messages/{id}/dismiss", &["post"]),
            ("/api/v1/accounts", &["get", "post"]),
            ("/api/v1/accounts/{id}", &["get", "patch", "delete"]),
            ("/api/v1/accounts/{id}/health", &["get"]),
            ("/api/v1/accounts/{id}/webhooks", &["post"]),
            ("/api/v1/accounts/{id}/forward", &["get", "put", "delete"]),
            ("/api/v1/accounts/{id}/forward/key", &["post", "delete"]),
            ("/api/v1/accounts/{id}/automations", &["get"]),
            ("/api/v1/accounts/{id}/automations/draft", &["put"]),
            ("/api/v1/accounts/{id}/automations/publish", &["post"]),
            ("/api/v1/accounts/{id}/automations/history", &["get"]),
            ("/api/v1/accounts/{id}/automations/roll-back", &["post"]),
            ("/api/v1/paused-threads", &["get", "put", "delete"]),
            ("/api/v1/automations", &["get"]),
            ("/api/v1/automations/validate", &["post"]),
            ("/api/v1/automations/publish", &["post"]),
            ("/api/v1/automations/history", &["get"]),
            ("/api/v1/automations/roll-back", &["post"]),
            ("/api/v1/automations/schema", &["get"]),
            ("/api/v1/accounts/{id}/reconciliation", &["get", "post", "delete"]),
            ("/api/v1/accounts/{id}/reconciliation/replay", &["post"]),
            ("/api/v1/checks", &["get"]),
            ("/api/v1/keys", &["get", "post"]),
            ("/api/v1/keys/{id}", &["delete"]),
            ("/api/v1/deliveries", &["get"]),
            ("/api/v1/deliveries/{id}", &["get"]),
            ("/api/v1/deliveries/{id}/replay", &["post"]),
            ("/api/v1/failed-signatures", &["get"]),
            ("/api/v1/signature-lab", &["post"]),
            ("/api/v1/previews", &["get", "post"]),
            ("/api/v1/previews/{id}", &["get"]),
            ("/api/v1/previews/{id}/turns", &["post"]),
            ("/api/v1/previews/{id}/end", &["post"]),
            ("/api/v1/openapi.json", &["get"]),
        ];
        for (path, methods) in known {
            for method in methods {
                assert!(
                    paths.get(path).is_some_and(|item| item.get(*method).is_some()),
                    "{method} {path}"
                );
            }
        }
        assert_eq!(
            paths.len(),
            known.len(),
            "a route is described that this test does not know"
        );
    }
}
