"""ministack, with every permission noted that a function's role uses of it.

python -m stack.emulator USED_FILE

A line for each (role, action, resource) when it is used for the first time: {"role", "action", "resource", "allowed"}.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator

# CloudFormation names a role after its stack and its name in the template.
ROLE = re.compile(r":(?:assumed-)?role/\w+?-(\w+Role)\b")


def note(used: Path) -> None:
    """Notes what the emulator's own judge is asked, and what it says."""
    judge = iam_evaluator.enforce
    noted: set[tuple[str, str, str, bool]] = set()

    def enforce(access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = "*", **context: Any) -> Any:
        verdict = judge(access_key_id, iam_action, service, region, resource_arn=resource_arn, **context)
        role = ROLE.search(iam_evaluator.request_caller_arn({"authorization": f"AWS4-HMAC-SHA256 Credential={access_key_id}/"}))
        asked = (role.group(1) if role else "", iam_action, resource_arn, verdict is None)
        if role and asked not in noted:
            noted.add(asked)
            with used.open("a", encoding="utf-8") as file:
                file.write(json.dumps(dict(zip(("role", "action", "resource", "allowed"), asked, strict=True))) + "\n")
        return verdict

    iam_evaluator.enforce = enforce


if __name__ == "__main__":
    note(Path(sys.argv.pop(1)))
    # Imported only now, so that nothing has taken the judge before.
    from ministack.app import main

    sys.exit(main())
