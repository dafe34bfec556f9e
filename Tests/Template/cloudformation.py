"""What CloudFormation makes of a template: both transforms, conditions, intrinsic functions.

Only as far as the templates here need it. An ARN that AWS would make is `arn:{logical id}`.
Run as a program it prints the stack's template after its transforms, as checkov reads it.
"""

import json
import logging
import os
import re
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "pointsman",
    "AWS::URLSuffix": "amazonaws.com",
}
os.environ["AWS_DEFAULT_REGION"] = PSEUDO["AWS::Region"]

from cfnlint.template import Template  # noqa: E402
from cfnlint.template.transforms._language_extensions import language_extension  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

ABSENT = object()


class NoManagedPolicies:
    """The transform asks for AWS's managed policies; no role here is made by it."""

    def load(self):
        return {}


def source(name="template.yaml"):
    """A template as written."""
    return yaml_parse((ROOT / name).read_text())


def expanded():
    """The stack's template after AWS::LanguageExtensions: each Fn::ForEach written out."""
    problems, template = language_extension(Template("template.yaml", source()))
    assert not problems, problems
    return looked_up(template, template["Mappings"])


def looked_up(node, mappings):
    """A part of the template with what it finds in maps, which are known by then."""
    match node:
        case {"Fn::FindInMap": [table, row, column, *default]}:
            otherwise = {key: value["DefaultValue"] for value in default for key in [column]}
            return (otherwise | mappings[table][row])[column]
        case dict():
            return {name: looked_up(value, mappings) for name, value in node.items()}
        case list():
            return [looked_up(value, mappings) for value in node]
    return node


def transformed():
    """The stack's template as both transforms turn it into CloudFormation's own resources."""
    template = expanded()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://code/pointsman.zip"
    return json.loads(json.dumps(transform(template, {}, NoManagedPolicies())))


class Stack:
    """The stack that a template makes with some parameters."""

    def __init__(self, template, partition="aws", **parameters):
        self.template = template
        self.pseudo = PSEUDO | {"AWS::Partition": partition}
        declared = template["Parameters"]
        assert parameters.keys() <= declared.keys()
        self.parameters = {}
        for name, declaration in declared.items():
            value = parameters.get(name, declaration.get("Default"))
            assert value is not None, f"{name} has no value"
            is_list = declaration["Type"] == "CommaDelimitedList"
            self.parameters[name] = str(value).split(",") if is_list else value
        self.resources = {
            name: self.resolve(resource)
            for name, resource in template["Resources"].items()
            if self.has(resource)
        }
        self.outputs = {
            name: self.resolve(output)
            for name, output in template["Outputs"].items()
            if self.has(output)
        }

    def refusals(self):
        """The assertions of the template's rules that these parameters break."""
        return [
            assertion["AssertDescription"]
            for rule in self.template["Rules"].values()
            if self.holds(rule["RuleCondition"])
            for assertion in rule["Assertions"]
            if not self.holds(assertion["Assert"])
        ]

    def has(self, part):
        return "Condition" not in part or self.holds(part["Condition"])

    def holds(self, condition):
        """Whether a condition, or one of that name, is true."""
        if isinstance(condition, str):
            return self.holds(self.template["Conditions"][condition])
        ((function, argument),) = condition.items()
        match function:
            case "Condition":
                return self.holds(argument)
            case "Fn::Equals":
                first, second = self.resolve(argument)
                return str(first) == str(second)
            case "Fn::Not":
                return not self.holds(argument[0])
            case "Fn::And":
                return all(self.holds(each) for each in argument)
        raise ValueError(f"no condition: {function}")

    def resolve(self, node):
        """A part of the template with its functions carried out."""
        if isinstance(node, list):
            values = [self.resolve(each) for each in node]
            return [value for value in values if value is not ABSENT]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((function, argument),) = node.items()
            match function:
                case "Ref":
                    return self.reference(argument)
                case "Fn::GetAtt":
                    name = argument.split(".") if isinstance(argument, str) else argument
                    return self.attribute(*name)
                case "Fn::If":
                    condition, then, otherwise = argument
                    return self.resolve(then if self.holds(condition) else otherwise)
                case "Fn::Join":
                    separator, parts = argument
                    return separator.join(self.resolve(parts))
                case "Fn::Split":
                    separator, text = argument
                    return self.resolve(text).split(separator)
                case "Fn::Sub":
                    text, own = argument if isinstance(argument, list) else (argument, {})
                    own = self.resolve(own)
                    return re.sub(
                        r"\$\{([^}]+)\}",
                        lambda m: own[m[1]] if m[1] in own else self.substitute(m[1]),
                        text,
                    )
        values = {key: self.resolve(value) for key, value in node.items() if key != "Condition"}
        if "Condition" in node:  # of a policy's statement, not of a resource
            condition = node["Condition"]
            values["Condition"] = (
                condition if isinstance(condition, str) else self.resolve(condition)
            )
        return {key: value for key, value in values.items() if value is not ABSENT}

    def reference(self, name):
        if name == "AWS::NoValue":
            return ABSENT
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        resource = self.template["Resources"][name]
        assert self.has(resource), f"{name} is referred to and not there"
        if resource["Type"] == "AWS::S3::Bucket":
            return self.resolve(resource["Properties"]["BucketName"])
        return f"arn:{name}" if "Secret" in resource["Type"] else name

    def attribute(self, name, attribute):
        resource = self.template["Resources"][name]
        assert self.has(resource), f"{name} is referred to and not there"
        if attribute != "Arn":
            return f"{name}.{attribute}"
        if resource["Type"] == "AWS::S3::Bucket":
            return f"arn:{self.pseudo['AWS::Partition']}:s3:::{self.reference(name)}"
        return f"arn:{name}"

    def substitute(self, name):
        return self.attribute(*name.split(".")) if "." in name else str(self.reference(name))

    def of_type(self, kind):
        """The resources of a type: logical id to properties."""
        return {
            name: resource["Properties"]
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def statements(self, role):
        """All that is said in a role's own policies and in those of this stack attached to it."""
        properties = self.resources[role]["Properties"]
        documents = [policy["PolicyDocument"] for policy in properties["Policies"]]
        for name in properties.get("ManagedPolicyArns", []):
            documents.append(self.resources[name]["Properties"]["PolicyDocument"])
        return [statement for document in documents for statement in document["Statement"]]

    def allows(self, role, action, resource):
        """Whether a role may do something, by its policies alone; a conditional denial is none."""

        def applies(statement):
            return any(
                fnmatchcase(action, pattern) for pattern in listed(statement["Action"])
            ) and any(fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"]))

        effects = {
            statement["Effect"]
            for statement in self.statements(role)
            if applies(statement)
            and not (statement["Effect"] == "Deny" and "Condition" in statement)
        }
        return effects == {"Allow"}


def listed(value):
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # SAM's own metrics, which nobody collects
    print(json.dumps(transformed()))
