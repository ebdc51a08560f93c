"""Timed work on the durable queue: each job calls one operation. `flask worker` runs them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Event, Thread

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from huey.api import Huey, TaskWrapper, crontab

from app.core.job_times import JobBoard, JobEntry
from app.core.sealed_text import Sealer
from app.mail.deliver import deliver, post_digests
from app.operations.accounts import forget_sign_in_failures
from app.operations.article_care import forget_senders
from app.operations.article_reviews import remind_owners, reopen_articles
from app.operations.attachments import purge_expired
from app.operations.budgets import watch_budgets
from app.operations.contacts import forget_quiet_guests
from app.operations.cost_watch import watch_costs
from app.operations.desk_counting import count_desk
from app.operations.escalate import escalate
from app.operations.examine import rematch
from app.operations.incident_watch import watch, watch_slow_rises
from app.operations.job_runs import note_run
from app.operations.key_tallies import tally_keys
from app.operations.keys import refresh_keys as read_keys
from app.operations.link_checks import check_outside_links
from app.operations.mail_in import Desk, forget_old
from app.operations.mail_poll import poll
from app.operations.outbox import forget_sent
from app.operations.outdated_words import settle_phrases
from app.operations.publishing import publish_due
from app.operations.pull import MOST_PAGES_OF_A_JOB, configured_gateway, desk_of, pull
from app.operations.rescan import rescan
from app.operations.retention import purge_log
from app.operations.reviews import remind
from app.operations.spam import forget_guests
from app.operations.spool import drain_until
from app.store.queue import alone, open_queue
from app.store.starter import end_with
from app.store.tickets import waiting_for_logs
from app.store.webhook_calls import status_of

log = logging.getLogger("gatedesk.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """Work to be done at certain times (UTC); it answers how much there was."""

    run: Callable[[Flask, datetime], int]
    when: Callable[[datetime], bool]

    @property
    def name(self) -> str:
        """The function's name, in the log and in the lock."""
        return self.run.__name__


def register(app: Flask) -> None:
    """Attach the command that works the queue off, and what the jobs' page and commands need."""
    entries = tuple(JobEntry(job.name, job.when) for job in JOBS)
    app.extensions["jobs"] = JobBoard(entries, partial(ask, app), partial(waiting, app), partial(run_named, app))
    app.cli.add_command(worker_command)


def rematch_waiting(app: Flask, now: datetime) -> int:
    """Look again for the log lines of tickets that still wait for theirs. Returns how many were looked at."""
    waiting = waiting_for_logs(now)
    for number in waiting:
        rematch(number, app.extensions["rulebook"], app.extensions["log_store"], now)
    return len(waiting)


def forget_pictures(_app: Flask, now: datetime) -> int:
    """Forget attached pictures whose time is over."""
    return purge_expired(now)


def escalate_clocks(_app: Flask, now: datetime) -> int:
    """Tell people about clocks that run out, within business hours."""
    return escalate(now)


def scan_stored_texts(app: Flask, now: datetime) -> int:
    """Read everything stored with today's rules; say where something slipped by. `flask redact scan --fix` repairs it."""
    report = rescan(app.extensions["rulebook"], app.extensions["log_store"], app.extensions["settings"].kb_dir, now)
    for slip in report.slips:
        log.warning("slipped by: %s.%s %s, rule %s, %d times", slip.place, slip.column, slip.row, slip.rule, slip.count)
    return len(report.slips)


def publish_articles(app: Flask, now: datetime) -> int:
    """Publish approved articles whose time has come."""
    return publish_due(app.extensions["rulebook"], app.extensions["settings"].kb_dir, now)


def forget_flag_senders(_app: Flask, now: datetime) -> int:
    """Forget who flagged articles, once throttling needs it no longer."""
    return forget_senders(now)


def forget_failed_sign_ins(_app: Flask, now: datetime) -> int:
    """Forget failed sign-ins that throttle nobody any longer."""
    return forget_sign_in_failures(now)


def forget_guest_acts(_app: Flask, now: datetime) -> int:
    """Forget who filed or wrote without an account, once an hour has passed."""
    return forget_guests(now)


def settle_outdated_words(app: Flask, now: datetime) -> int:
    """Note which outdated words no text uses any longer; how many are still in use."""
    return settle_phrases(app.extensions["rulebook"], now)


def review_articles(app: Flask, now: datetime) -> int:
    """Have articles read again that met their first cases or do not help, and remind their owners. Returns how many were told."""
    reopen_articles(app.extensions["rulebook"], now)
    return remind_owners(app.extensions["rulebook"], now)


def check_links(app: Flask, now: datetime) -> int:
    """Ask the addresses elsewhere that articles link to, where the settings allow it. Returns how many are broken."""
    asked = app.extensions["settings"].check_links
    return check_outside_links(status_of, app.extensions["rulebook"].redactor, now) if asked else 0


def pull_logs(app: Flask, now: datetime) -> int:
    """Read the log of the gateway that the settings name. Returns how many records are new."""
    gateway = configured_gateway(app.extensions["settings"])
    return pull(gateway, desk_of(app.extensions), now, most_pages=MOST_PAGES_OF_A_JOB).accepted if gateway else 0


def refresh_keys(app: Flask, now: datetime) -> int:
    """Read what is new in the log for its keys. Returns how many keys are new."""
    return read_keys(app.extensions["log_store"], app.extensions["rulebook"].redactor, now)


def count_by_key(app: Flask, now: datetime) -> int:
    """Count the log's changed hours by key, and add up those that are over, for reports. Returns how many."""
    log_store = app.extensions["log_store"]
    log_store.end_unfinished(now)
    return int(tally_keys(log_store, now, app.extensions["settings"].keep_ok_days) + log_store.add_up_rollups(now))


def count_desk_hours(_app: Flask, _now: datetime) -> int:
    """Count the desk's hours again in which something changed, for reports. Returns how many."""
    return count_desk()


def remind_of_review(_app: Flask, now: datetime) -> int:
    """Say once that nobody has closed last week's review. Returns how many people were told."""
    return remind(now)


def watch_spending(app: Flask, now: datetime) -> int:
    """Compare what budgets have cost with their marks. Returns how many marks were newly reached."""
    return watch_budgets(app.extensions["log_store"], app.extensions["rulebook"].model_names, now)


def watch_for_incidents(app: Flask, now: datetime) -> int:
    """Compare the last whole hours with what is usual. Returns how many incidents are newly proposed."""
    return watch(app.extensions["rulebook"], app.extensions["log_store"], now)


def watch_for_slow_rises(app: Flask, now: datetime) -> int:
    """Compare the last day with the days before, and look for queues that stand still. Returns how many incidents are new."""
    return watch_slow_rises(app.extensions["rulebook"], app.extensions["log_store"], now)


def watch_for_waste(app: Flask, now: datetime) -> int:
    """Look for ways of spending that nobody meant. Returns how many warnings are new."""
    return watch_costs(app.extensions["rulebook"], app.extensions["log_store"], now)


def purge_logs(app: Flask, now: datetime) -> int:
    """Forget log records whose time is over. Returns how many."""
    settings = app.extensions["settings"]
    return purge_log(app.extensions["log_store"], settings.keep_ok_days, settings.keep_problem_days, now)


def send_messages(app: Flask, now: datetime) -> int:
    """Send e-mails and make calls to endpoints that are due. Returns how many went out."""
    return deliver(app, now)


def fetch_mail(app: Flask, now: datetime) -> int:
    """Take unread e-mail out of the desk's mailbox. Returns how much was taken."""
    settings = app.extensions["settings"]
    if not settings.mail_imap_url or not settings.mail_from:
        return 0
    return poll(Desk(settings, app.extensions["rulebook"], app.extensions["log_store"], Sealer(settings.secret_key)), now)


def send_digests(app: Flask, now: datetime) -> int:
    """Post the summaries of the morning. Returns how many."""
    return post_digests(app, now)


def forget_mail(app: Flask, now: datetime) -> int:
    """Forget what was sent long ago, and guests' addresses whose links have run out."""
    return forget_sent(now) + forget_old(now) + forget_quiet_guests(now, app.extensions["settings"].link_days)


JOBS = (
    Job(send_messages, crontab(minute="*")),
    Job(fetch_mail, crontab(minute="*")),
    Job(send_digests, crontab(minute="5-59/15")),
    Job(forget_mail, crontab(minute="30", hour="2")),
    Job(rematch_waiting, crontab(minute="*")),
    Job(escalate_clocks, crontab(minute="*")),
    Job(watch_spending, crontab(minute="9-59/10")),
    Job(watch_for_incidents, crontab(minute="3-59/10")),
    Job(watch_for_slow_rises, crontab(minute="13")),
    Job(watch_for_waste, crontab(minute="25", hour="*/6")),
    Job(forget_pictures, crontab(minute="17")),
    Job(pull_logs, crontab(minute="*/5")),
    Job(refresh_keys, crontab(minute="*/10")),
    Job(count_by_key, crontab(minute="7-59/10")),
    Job(count_desk_hours, crontab(minute="*")),
    Job(remind_of_review, crontab(minute="0", hour="1")),
    Job(publish_articles, crontab(minute="*")),
    Job(forget_flag_senders, crontab(minute="40")),
    Job(forget_failed_sign_ins, crontab(minute="45")),
    Job(forget_guest_acts, crontab(minute="*/5")),
    Job(settle_outdated_words, crontab(minute="50", hour="2")),
    Job(review_articles, crontab(minute="25")),
    Job(check_links, crontab(minute="40", hour="4", day_of_week="1")),
    Job(purge_logs, crontab(minute="10", hour="2")),
    Job(scan_stored_texts, crontab(minute="20", hour="3", day_of_week="0")),
)


def schedule(queue: Huey, app: Flask, job: Job) -> TaskWrapper:
    """Run `job` at its times, never twice at once."""
    task: TaskWrapper = queue.periodic_task(job.when, name=job.name)(alone(queue, job.name, lambda: run_once(app, job)))
    return task


def ask(app: Flask, name: str) -> bool:
    """Have the worker run a job as soon as it can; False when it waits already, or when there is none of that name."""
    queue, job = open_queue(app.extensions["settings"]), next((job for job in JOBS if job.name == name), None)
    if job is None or name in waiting(app):
        return False
    schedule(queue, app, job)()
    return True


def waiting(app: Flask) -> list[str]:
    """The names of the jobs in the queue."""
    queue = open_queue(app.extensions["settings"])
    for job in JOBS:
        schedule(queue, app, job)
    return [task.name for task in queue.pending()]


def run_named(app: Flask, name: str) -> int | None:
    """Run the job of this name now and here; None when it failed. Raises StopIteration for a name that no job has."""
    return run_once(app, next(job for job in JOBS if job.name == name))


def run_once(app: Flask, job: Job) -> int | None:
    """Run a job now and keep what it came to; a failure is logged by type, tried again next time, and answered with None."""
    with app.app_context():
        began, result, problem = datetime.now(UTC), None, None
        try:
            result = job.run(app, began)
            log.info("%s: %d", job.name, result)
        except Exception as error:  # noqa: BLE001 - the log gets the type, never the message: it may quote what was handled
            problem = type(error).__name__
            log.error("%s failed: %s", job.name, problem)  # noqa: TRY400 - no traceback for the same reason
        note_run(job.name, began, datetime.now(UTC), result, problem)
        return result


@click.command("worker")
@click.option("--starter", type=int, help="End when the process of this number, which started this one, has gone.")
@with_appcontext
def worker_command(starter: int | None) -> None:
    """Work off the queue until told to stop."""
    if starter is not None:
        end_with(starter)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the application itself, for the worker's threads
    os.nice(5)  # people and gateways that wait for an answer come first
    queue = open_queue(app.extensions["settings"])
    for job in JOBS:
        schedule(queue, app, job)
    draining = (Event(), app.extensions["spool"], app.extensions["log_store"])
    Thread(target=drain_until, args=draining, name="spool", daemon=True).start()  # it may end at any moment: nothing is lost
    queue.create_consumer(workers=1, periodic=True, initial_delay=0.2, max_delay=5).run()
