import { EXIT } from '@agentteam/contract';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { explain, StepFailure } from '../step/failure.ts';
import { print } from '../step/print.ts';
import { forecastOnGitHub } from './github-forecast.ts';
import { statusOf, type Target } from './github-target.ts';
import {
  type FoundChange,
  type HostingAccess,
  type HostingService,
  type ProposedChange,
  type PublishedChange,
  selectChange,
} from './service.ts';

const Client = Octokit.plugin(retry, throttling);

/** A longer wait for a rate limit is left to another attempt of the step. */
const MAX_WAIT_SECONDS = 300;
const RATE_LIMIT_ATTEMPTS = 3;

/** GitHub, or GitHub Enterprise under its own base URL. Requests are repeated after 5xx and rate limits. */
export function gitHub({ baseUrl, token, project, fetch }: HostingAccess): HostingService {
  const [owner = '', repo = ''] = project.split('/');
  const patience = (seconds: number, _: unknown, __: unknown, attempt: number) => {
    const waits = attempt < RATE_LIMIT_ATTEMPTS && seconds <= MAX_WAIT_SECONDS;
    const then = waits ? 'waiting' : 'giving up';
    print(`GitHub's rate limit is reached for ${seconds} s; ${then}`);
    return waits;
  };
  const client = new Client({
    auth: token,
    baseUrl,
    userAgent: 'agentteam',
    request: { fetch },
    // The throttling plugin handles 429, whose answer says how long to wait.
    retry: { doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451] },
    throttle: { onRateLimit: patience, onSecondaryRateLimit: patience },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  return {
    forecast: (change, signal) =>
      forecastOnGitHub(client, { owner, repo, request: { signal } }, change),
    publish: (change, signal) =>
      publish(client, { owner, repo, request: { signal } }, change).catch((error: unknown) => {
        signal.throwIfAborted();
        throw explained(error, `${owner}/${repo}`, change.base);
      }),
  };
}

type PullRequest = { readonly number: number; readonly html_url: string };

async function publish(
  client: Octokit,
  target: Target,
  change: ProposedChange,
): Promise<PublishedChange> {
  const existing = await find(client, target, change);
  if (existing !== undefined && existing.state !== 'open') {
    return { url: existing.html_url, state: existing.state, updated: false, notes: [] };
  }
  const pull = existing
    ? await update(client, target, existing, change)
    : await create(client, target, change);
  const notes = [
    ...(await addLabels(client, target, pull, change.labels)),
    ...(await askReviewers(client, target, pull, change.reviewers)),
  ];
  return { url: pull.html_url, state: 'open', updated: existing !== undefined, notes };
}

/** The pull request that the change has. A person may have chosen another base for it. */
async function find(
  client: Octokit,
  target: Target,
  change: ProposedChange,
): Promise<(PullRequest & FoundChange) | undefined> {
  const { data } = await client.rest.pulls.list({
    ...target,
    state: 'all',
    head: `${target.owner}:${change.head}`,
    per_page: 100,
  });
  const found = data.map(({ number, html_url, state, merged_at: mergedAt, head, base }) => ({
    number,
    html_url,
    state:
      state === 'open' ? ('open' as const) : mergedAt ? ('merged' as const) : ('closed' as const),
    base: base.ref,
    commit: head.sha,
  }));
  return selectChange(found, change);
}

async function create(
  client: Octokit,
  target: Target,
  change: ProposedChange,
): Promise<PullRequest> {
  const { head, base, title, body } = change;
  try {
    return (await client.rest.pulls.create({ ...target, head, base, title, body })).data;
  } catch (error) {
    // The answer to a first request may have been lost, so that the pull request exists by now.
    const existing = statusOf(error) === 422 ? await find(client, target, change) : undefined;
    if (existing?.state === 'open') return existing;
    throw error;
  }
}

async function update(
  client: Octokit,
  target: Target,
  { number }: PullRequest,
  { title, body }: ProposedChange,
): Promise<PullRequest> {
  return (await client.rest.pulls.update({ ...target, pull_number: number, title, body })).data;
}

async function addLabels(
  client: Octokit,
  target: Target,
  { number }: PullRequest,
  labels: readonly string[],
): Promise<readonly string[]> {
  if (labels.length === 0) return [];
  try {
    await client.rest.issues.addLabels({ ...target, issue_number: number, labels: [...labels] });
    return [];
  } catch (error) {
    return [noted(`The labels ${labels.join(', ')} could not be set`, error, target)];
  }
}

/**
 * Requests reviews. All names go in one request, so that each reviewer gets one mail. GitHub refuses
 * the whole request for one invalid name, or for the pull request's author; then each name gets its
 * own request.
 * @param names a name with a slash is a team: `acme/backend-reviewers`.
 */
async function askReviewers(
  client: Octokit,
  target: Target,
  pull: PullRequest,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  try {
    await ask(client, target, pull, names);
    return [];
  } catch (error) {
    if (names.length === 1) return [notAsked(names, error, target)];
  }
  const notes: string[] = [];
  for (const name of names) {
    await ask(client, target, pull, [name]).catch((error: unknown) => {
      notes.push(notAsked([name], error, target));
    });
  }
  return notes;
}

async function ask(
  client: Octokit,
  target: Target,
  { number }: PullRequest,
  names: readonly string[],
): Promise<void> {
  await client.rest.pulls.requestReviewers({
    ...target,
    pull_number: number,
    reviewers: names.filter((name) => !name.includes('/')),
    team_reviewers: names.flatMap((name) => name.split('/')[1] ?? []),
  });
}

function notAsked(names: readonly string[], error: unknown, target: Target): string {
  return noted(`No review could be requested from ${names.join(', ')}`, error, target);
}

/** A note about something that failed after the pull request was opened, which is no reason to fail. */
function noted(what: string, error: unknown, { request }: Target): string {
  request.signal.throwIfAborted();
  return `${what}: ${explain(error)}`;
}

/** GitHub reports rate limits with 429, or with 403 and a message. */
function isRateLimit(status: number, error: unknown): boolean {
  if (status === 429) return true;
  return status === 403 && error instanceof Error && /rate limit/i.test(error.message);
}

function explained(error: unknown, project: string, base: string): unknown {
  const status = statusOf(error);
  const reason = explain(error);
  if (status === 422 && /"field":"base"/.test(reason)) {
    const message = `${project} on GitHub has no branch ${base}: set lifecycle.pullRequest.targetBranch.`;
    return new StepFailure(message, EXIT.refused, error);
  }
  if (status === undefined || status >= 500 || isRateLimit(status, error)) {
    return new StepFailure(`The request to GitHub failed: ${reason}`, EXIT.failed, error);
  }
  const message = `GitHub refused the pull request for ${project} (${status}): ${reason}`;
  return new StepFailure(message, EXIT.refused, error);
}
