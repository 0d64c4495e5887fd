"""The words of mails, in a language of the sweep's own."""

from access.calls import NEVER, about

WORDS = {"title": "Hello", "body": "Words.", "action": "Look"}
WHICH = {"kind": "role_granted", "locale": "en-sweepers"}


def prepare(world):
    path = "/v1/admin/templates/role_granted/en-sweepers"
    for _ in range(2):
        world.founder.put(path, WORDS, headers={"If-Match": "*"}).ok()
        world.founder.post(path + "/publish").ok()
    world.founder.put(path, WORDS, headers={"If-Match": "*"}).ok()


def calls(world):
    return {
        "GetTemplate": about(**WHICH),
        "PutTemplate": about(WORDS, headers=NEVER, **WHICH),
        "ListTemplateVersions": about(**WHICH),
        "PreviewTemplate": about(WORDS, **WHICH),
        "PublishTemplate": about(**WHICH),
        "RevertTemplate": about(**WHICH),
    }
