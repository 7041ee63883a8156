"""The demo's account: claimed on the first start, signed in to on later ones."""

import json
import os
import pathlib
import secrets

from .api import Api, Refused
from .platform import claim_code


def sign_in(api: Api, state: pathlib.Path) -> dict:
    """Signs the API client in and returns the account's e-mail address and password."""
    file = state / "account.json"
    if not file.exists():
        account = {"email": "owner@example.com", "password": secrets.token_urlsafe(18)}
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            json.dump(account, out)
    account = json.loads(file.read_text())
    try:
        signed_in = api.post("/auth/claim", {"code": claim_code(state), **account})
    except Refused as refused:
        if refused.status != 409:
            raise
        signed_in = api.post("/auth/sessions", account)
    api.token = signed_in["token"]
    return account
