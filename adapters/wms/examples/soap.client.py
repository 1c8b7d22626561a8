# python3 soap.client.py <wsdl> <user> <password> <operation> <file with its content as JSON>
import json
import sys
from datetime import datetime
from decimal import Decimal

import zeep
from zeep.wsse.username import UsernameToken

wsdl, user, password, operation, file = sys.argv[1:]


def typed(name, value):
    """Figures as Decimal and times as datetime: never a float."""
    if isinstance(value, dict):
        return {key: typed(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [typed(name, each) for each in value]
    if name in ("quantity", "counted", "book", "change"):
        return Decimal(value)
    if name in ("storageFrom", "storageTo") or name.endswith("At"):
        return datetime.fromisoformat(value)
    return value


client = zeep.Client(wsdl, wsse=UsernameToken(user, password, use_digest=True))
with open(file, encoding="utf-8") as content:
    told = typed("", json.load(content))
try:
    print(json.dumps({"result": client.service[operation](**told)}))
except zeep.exceptions.Fault as fault:
    problem = fault.detail.find("{*}problem")
    print(json.dumps({
        "fault": fault.code.split(":")[-1],
        "code": problem.findtext("{*}code"),
        "retryable": problem.findtext("{*}retryable") == "true",
        "detail": problem.findtext("{*}detail"),
        "errors": [error.get("xpath") for error in problem.findall("{*}error")],
    }))
