"""Rules of the interface that its OpenAPI description cannot express."""

import schemathesis


@schemathesis.hook
def filter_case(context, case):
    """Skips queries that cannot be judged.

    An empty parameter counts as absent, because the console sends those, which a numeric schema cannot express. Lists
    and objects have no representation in a query, so the request sent differs from the intended invalid one.
    """
    return not any(value in ("", None) or isinstance(value, (list, dict)) for value in (case.query or {}).values())
