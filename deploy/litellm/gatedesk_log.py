# ruff: noqa: INP001 - it belongs beside LiteLLM's configuration, not into a package
"""LiteLLM's own sender without its gap: what is logged while a post is under way waits for the next; what was not taken is sent again.

Put this file beside LiteLLM's config.yaml and name it there: `callbacks: ["gatedesk_log.callback"]`. GATEDESK_ENDPOINT is the
desk's address (https://help.example.com/api/v1/logs/litellm), GATEDESK_TOKEN an ingest token. Tested with LiteLLM 1.106.2.
"""

import os

from litellm._logging import verbose_logger
from litellm.integrations.generic_api.generic_api_callback import GenericAPILogger
from litellm.litellm_core_utils.safe_json_dumps import safe_dumps

RECORDS_OF_A_POST = 200
MOST_WAITING = 50_000  # records; the oldest are given up when the desk stays away


class GatedeskLog(GenericAPILogger):
    """Sends as `generic_api` does, and forgets a record only when the desk has taken it."""

    async def async_send_batch(self) -> None:
        """Called when many wait: send them now, unless that is under way."""
        if not self.flush_lock.locked():
            await self.flush_queue()

    async def flush_queue(self) -> None:
        """Post what waits, some at a time; called by the clock."""
        async with self.flush_lock:
            for _each in range(1 + len(self.log_queue) // RECORDS_OF_A_POST):
                going = self.log_queue[:RECORDS_OF_A_POST]
                if not going or not await self._is_taken(going):
                    break
                del self.log_queue[: len(going)]
            del self.log_queue[:-MOST_WAITING]

    async def _is_taken(self, records: list) -> bool:
        try:
            await self._post_with_retries(data=safe_dumps(records))
        except Exception as error:  # noqa: BLE001 - whatever it was, the records stay
            verbose_logger.error("Gatedesk did not take %s records (%s); they are sent again", len(records), type(error).__name__)
            return False
        return True


callback = GatedeskLog(
    endpoint=os.environ["GATEDESK_ENDPOINT"],
    headers={"Authorization": f"Bearer {os.environ['GATEDESK_TOKEN']}"},
    log_format="json_array",
    batch_size=RECORDS_OF_A_POST,
)
