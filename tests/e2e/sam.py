"""template.yaml as data, with CloudFormation's tags as the mappings they stand for."""

import yaml
from laptop.paths import TEMPLATE


class Loader(yaml.SafeLoader):
    pass


def tagged(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", tagged)


def template() -> dict:
    return yaml.load(TEMPLATE.read_text(), Loader)


def functions() -> dict[str, dict]:
    """Properties of every function, by logical id."""
    resources = template()["Resources"].items()
    return {name: found["Properties"] for name, found in resources if found["Type"] == "AWS::Serverless::Function"}


def folder(properties: dict) -> str:
    """The folder under functions/ that a function is built from."""
    return properties["CodeUri"].rstrip("/").rsplit("/", 1)[-1]


def routes() -> dict[tuple[str, str], dict]:
    """(method, path) → {function, public} of every route."""
    found = {}
    for name, properties in functions().items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == "HttpApi":
                route = event["Properties"]
                public = route.get("Auth", {}).get("Authorizer") == "NONE"
                found[route["Method"], route["Path"]] = {"function": name, "public": public}
    return found
