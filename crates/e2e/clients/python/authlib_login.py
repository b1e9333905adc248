"""A whole login by Authlib, pointed at another host and otherwise unmodified: dialog, code, tokens, first call.

FLOW is instagram or facebook. The person's part, choosing an account and unticking a permission, is done by sending the
dialog's own form. Prints one JSON object. Reads META_GRAPH_URL, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, USERNAME, PKCE."""

import json
import os
import re
from urllib.parse import urldefrag

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

BASE = os.environ["META_GRAPH_URL"]
REDIRECT_URI = os.environ["REDIRECT_URI"]
USERNAME = os.environ["USERNAME"]
TIMEOUT_S = 10

FLOWS = {
    "instagram": {
        "authorize": f"{BASE}/oauth/authorize",
        "token": f"{BASE}/oauth/access_token",
        "method": "client_secret_post",
        "scope": "instagram_business_basic instagram_business_manage_messages instagram_business_manage_comments",
        "unticked": "instagram_business_manage_comments",
    },
    "facebook": {
        "authorize": f"{BASE}/v24.0/dialog/oauth",
        "token": f"{BASE}/v24.0/oauth/access_token",
        "method": os.environ.get("TOKEN_AUTH_METHOD", "client_secret_post"),
        "scope": "instagram_basic instagram_manage_messages instagram_manage_comments pages_show_list pages_manage_metadata",
        "unticked": "instagram_manage_comments",
    },
}


def of_data(response):
    """The Instagram login wraps its answer in a list, which no OAuth library expects."""
    body = response.json()
    if isinstance(body, dict) and isinstance(body.get("data"), list):
        response._content = json.dumps(body["data"][0]).encode()
    return response


def person_allows(dialog, unticked):
    """Reads the dialog's page and sends its form with one permission unticked; answers where the browser is sent."""
    page = requests.get(dialog, timeout=TIMEOUT_S)
    page.raise_for_status()
    scopes = re.findall(r'name="scope" value="([^"]+)"', page.text)
    assert unticked in scopes, page.text
    form = [("scope", scope) for scope in scopes if scope != unticked]
    form += [("account", USERNAME), ("decision", "allow")]
    sent = requests.post(dialog, data=form, allow_redirects=False, timeout=TIMEOUT_S)
    assert sent.status_code == 302, sent.text
    # Browsers keep the fragment to themselves: the app's server never sees it.
    return urldefrag(sent.headers["Location"])


def main():
    flow_name = os.environ["FLOW"]
    flow = FLOWS[flow_name]
    pkce = {"code_challenge_method": "S256"} if os.environ.get("PKCE") else {}
    session = OAuth2Session(
        os.environ["CLIENT_ID"],
        os.environ["CLIENT_SECRET"],
        token_endpoint_auth_method=flow["method"],
        scope=flow["scope"],
        redirect_uri=REDIRECT_URI,
        **pkce,
    )
    session.register_compliance_hook("access_token_response", of_data)
    verifier = {"code_verifier": generate_token(48)} if pkce else {}
    dialog, state = session.create_authorization_url(flow["authorize"], **verifier)
    callback, fragment = person_allows(dialog, flow["unticked"])
    token = session.fetch_token(flow["token"], authorization_response=callback, state=state, timeout=TIMEOUT_S, **verifier)
    short = dict(token)
    # The code exchange of the Instagram login tells no token_type; Authlib needs one to send the token.
    session.token = {**short, "token_type": "bearer"}
    told = {"fragment": fragment, "token": short}
    if flow_name == "instagram":
        told["long"] = session.get(
            f"{BASE}/access_token",
            params={
                "grant_type": "ig_exchange_token",
                "client_secret": os.environ["CLIENT_SECRET"],
                "access_token": short["access_token"],
            },
            timeout=TIMEOUT_S,
        ).json()
        session.token = told["long"]
        told["me"] = session.get(f"{BASE}/v24.0/me", params={"fields": "user_id,username"}, timeout=TIMEOUT_S).json()
    else:
        told["me"] = session.get(f"{BASE}/v24.0/me/accounts", timeout=TIMEOUT_S).json()
        told["permissions"] = session.get(f"{BASE}/v24.0/me/permissions", timeout=TIMEOUT_S).json()
    again = requests.post(
        flow["token"],
        data={
            "client_id": os.environ["CLIENT_ID"],
            "client_secret": os.environ["CLIENT_SECRET"],
            "redirect_uri": REDIRECT_URI,
            "grant_type": "authorization_code",
            "code": re.search(r"code=([^&]+)", callback).group(1),
        },
        timeout=TIMEOUT_S,
    )
    told["again"] = {"status": again.status_code, "body": again.json()}
    print(json.dumps(told))


main()
