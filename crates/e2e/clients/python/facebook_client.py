"""Sends to the self thread with Meta's own client, pointed at another host and otherwise unmodified.

Prints one JSON object: the answer of each form, or its refusal. Reads META_GRAPH_URL, APP_ID, APP_SECRET (of the login),
ACCESS_TOKEN, SELF_IGSID, OTHER_IGSID, NODE_ID and NODE (page or ig_user)."""

import json
import os

from facebook_business.adobjects.iguserforigonlyapi import IGUserForIGOnlyAPI
from facebook_business.adobjects.page import Page
from facebook_business.api import FacebookAdsApi, FacebookRequest
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

FacebookSession.GRAPH = os.environ["META_GRAPH_URL"]
SELF_IGSID = os.environ["SELF_IGSID"]

session = FacebookSession(os.environ["APP_ID"], os.environ["APP_SECRET"], os.environ["ACCESS_TOKEN"], timeout=10)
api = FacebookAdsApi(session, api_version="v24.0")


def documented_form():
    request = FacebookRequest(node_id=SELF_IGSID, method="POST", endpoint="/messages", api=api)
    request.add_params({"message": {"text": "the documented form"}})
    return request.execute().json()


def own_node():
    return {"page": Page, "ig_user": IGUserForIGOnlyAPI}[os.environ["NODE"]](os.environ["NODE_ID"], api=api)


def standard_form():
    sent = own_node().create_message(
        params={"recipient": {"id": SELF_IGSID}, "message": {"text": "the standard form"}}
    )
    return sent.export_all_data()


def me_form():
    request = FacebookRequest(node_id="me", method="POST", endpoint="/messages", api=api)
    request.add_params({"recipient": {"id": SELF_IGSID}, "message": {"text": "the form with me"}})
    return request.execute().json()


def batch():
    """Three messages in one request; the library collects them, and runs again what was answered by nothing."""
    answers = []
    calls = api.new_batch()
    for number in range(3):
        own_node().create_message(
            params={"recipient": {"id": os.environ["OTHER_IGSID"]}, "message": {"text": f"number {number} & é"}},
            batch=calls,
            success=lambda response: answers.append(response.json()),
            failure=lambda response: answers.append(response.error().api_error_message()),
        )
    calls.execute()
    return answers


def refused():
    """Sending to the account's own id, which is what `sender.id` of its own events is."""
    sent = own_node().create_message(
        params={"recipient": {"id": os.environ["NODE_ID"]}, "message": {"text": "to the wrong id"}}
    )
    return sent.export_all_data()


def answer(form):
    try:
        return form()
    except FacebookRequestError as refusal:
        return {
            "code": refusal.api_error_code(),
            "subcode": refusal.api_error_subcode(),
            "message": refusal.api_error_message(),
        }


print(json.dumps({form.__name__: answer(form) for form in (documented_form, standard_form, me_form, batch, refused)}))
