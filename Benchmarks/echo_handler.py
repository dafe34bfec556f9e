"""The echo handler of the awslambdaric peer."""


def handler(event, context):
    return event
