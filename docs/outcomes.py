"""The page of the outcome table, made from the table that the courier decides by."""

from kiosk.post import outcomes


def page() -> str:
    """docs/reference/outcomes.md."""
    rows = "\n".join(f"| {words} | `{verdict}` |" for words, verdict, _ in outcomes.as_rows())
    consequences = "\n".join(f"| `{verdict}` | {what} |" for verdict, what in outcomes.CONSEQUENCES.items())
    refusals, hours = outcomes.QUARANTINE_REFUSALS, outcomes.QUARANTINE_AFTER_S // 3600
    anyhow, pause = outcomes.QUARANTINE_REFUSALS_ANYHOW, int(outcomes.REFUSAL_PAUSE_S // 60)
    return f"""# What a reply of the centre means

<!-- Made by `make docs` from kiosk/post/outcomes.py; do not edit. -->

The whole judgement of a kiosk over a reply to `PUT /v1/cases/{{case}}`, or to one of the calls before it. The
first row that fits decides. A problem type of the contract (RFC 9457) weighs more than the status it came
with; a `detail` is never read, the target of a `Link` with `rel="describedby"` is only logged.

| reply | verdict |
|---|---|
{rows}

| verdict | what the kiosk does |
|---|---|
{consequences}

**Nothing but a receipt lets a case go**: neither its age, nor a count, nor a full disk, nor a person.

* **Quarantine.** A refused case is offered again every {pause} minutes. It is set apart
  after {refusals} refusals over at least {hours} hour, or {anyhow} whatever the clock says: sealed
  as it is, and offered once a day, because the fault may have been the centre's.
* **Waiting.** `Retry-After` is taken as seconds or as a date and held between 1 s and 1 h; one that makes no
  sense is none. A date is compared with the `Date` of the reply, not with the kiosk's clock. Otherwise a wait
  is anything between 0 and 5 s, doubled with each failure up to 15 minutes (full jitter), for ever. A visitor
  who waits for a number makes the kiosk probe at once, unless the centre itself said when to come back.
* **The probe** is a heartbeat and not a case. After it the cases that never failed go first.
* **The same bytes.** A case is always sent again with the same id and the same bytes, and the centre must
  answer with the same receipt. So it does not matter whether a reply was lost before the centre had the case
  or after.
* **One call** has `centre.deadline_s` in all, whatever the server does; a body beyond 64 KiB has 1 s more for
  each 16 KiB.
* **Other calls.** Replies to the fetching of key sets and the renewal of certificates are judged by the same
  table; they never keep a case waiting, but `wait_all` holds cases and these calls alike. Enquiries have a
  line of their own and wait on it by themselves.
* **Pace.** A backlog drains at `post.drain_per_minute`; a case whose visitor waits is not held back.
"""
