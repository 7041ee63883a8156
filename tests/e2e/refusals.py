"""What the API does not do."""

import pytest
from laptop.api import Refused


def refused(call, *arguments) -> Refused:
    """The refusal of a call that has to be refused."""
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value
