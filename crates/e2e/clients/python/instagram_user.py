"""Meta's own model of graph.instagram.com, `IGUserForIGOnlyAPI`, pointed at another host and otherwise unmodified.

Prints one JSON object. Reads META_GRAPH_URL, APP_ID, APP_SECRET, ACCESS_TOKEN (of the Instagram login), IG_ID, OTHER_IGSID."""

import json
import os
import warnings

from facebook_business.adobjects.iguserforigonlyapi import IGUserForIGOnlyAPI
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

# The library warns of every field that its own model of the answer does not list.
warnings.simplefilter("ignore")

FacebookSession.GRAPH = os.environ["META_GRAPH_URL"]
session = FacebookSession(os.environ["APP_ID"], os.environ["APP_SECRET"], os.environ["ACCESS_TOKEN"], timeout=10)
api = FacebookAdsApi(session, api_version="v24.0")
user = IGUserForIGOnlyAPI(os.environ["IG_ID"], api=api)


def rows(cursor):
    """Every row of an edge, over all its pages."""
    return [row.export_all_data() for row in cursor]


Field = IGUserForIGOnlyAPI.Field
answers = {
    "profile": user.api_get(fields=[Field.id, Field.user_id, Field.username, Field.account_type]).export_all_data()
}
# Reading a node gives it the id that was answered, the app-scoped one; both name the account.
user = IGUserForIGOnlyAPI(os.environ["IG_ID"], api=api)
answers["media"] = rows(user.get_media(fields=["id", "caption"], params={"limit": 1}))
of_instagram = {"platform": "instagram"}
answers["conversations"] = rows(
    user.get_conversations(fields=["updated_time", "messages{message,from}"], params=of_instagram)
)
answers["of one person"] = rows(user.get_conversations(params={**of_instagram, "user_id": os.environ["OTHER_IGSID"]}))
user.create_subscribed_app(params={"subscribed_fields": ["messages", "comments"]})
answers["subscribed"] = rows(user.get_subscribed_apps())
user.delete_subscribed_apps()
answers["unsubscribed"] = rows(user.get_subscribed_apps())
user.create_messenger_profile(params={"ice_breakers": [{"question": "Where are you?", "payload": "WHERE"}]})
answers["ice breakers"] = rows(user.get_messenger_profile(fields=["ice_breakers"]))
user.delete_messenger_profile(params={"fields": ["ice_breakers"]})
answers["no ice breakers"] = rows(user.get_messenger_profile(fields=["ice_breakers"]))

print(json.dumps(answers))
