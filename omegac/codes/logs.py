"""44xx: logs."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM4401": Code(
        "logs that are kept for ever",
        "warning",
        explanation="""\
Without RetentionInDays a log group keeps what is logged until somebody deletes it, personal data too, and every month
costs more than the one before.
""",
        bad="Resources:\n  Logs: {Type: AWS::Logs::LogGroup}\n",
        good="Resources:\n  Logs: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}\n",
    ),
}
