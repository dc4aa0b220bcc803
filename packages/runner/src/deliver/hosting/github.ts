import { EXIT } from '@agentteam/contract';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { StepFailure } from '../../step/failure.ts';
import { say } from '../../step/say.ts';
import { foreseeOnGitHub } from './github-forecast.ts';
import { statusOf, type Target } from './github-target.ts';
import type { HostingAccess, HostingService, ProposedChange, PublishedChange } from './service.ts';

const Client = Octokit.plugin(retry, throttling);

/** Seconds that a rate limit may ask for; a longer wait is another attempt's. */
const LONGEST_WAIT = 300;
const RATE_LIMIT_ATTEMPTS = 3;

/** GitHub, and GitHub Enterprise under its own base URL. Its 5xx and rate limits are waited out. */
export function gitHub({ baseUrl, token, project, fetch }: HostingAccess): HostingService {
  const [owner = '', repo = ''] = project.split('/');
  const patience = (seconds: number, _: unknown, __: unknown, attempt: number) => {
    const waits = attempt < RATE_LIMIT_ATTEMPTS && seconds <= LONGEST_WAIT;
    const then = waits ? '' : ', which is too long';
    say(`GitHub asks to wait ${seconds} s (rate limit)${then}`);
    return waits;
  };
  const client = new Client({
    auth: token,
    baseUrl,
    userAgent: 'agentteam',
    request: { fetch },
    // With 429 GitHub says how long to wait: that is the throttle's to obey, and not another try's.
    retry: { doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451] },
    throttle: { onRateLimit: patience, onSecondaryRateLimit: patience },
    // What matters of its log is said here, in words.
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  return {
    foresee: (change, signal) =>
      foreseeOnGitHub(client, { owner, repo, request: { signal } }, change),
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
  const existing = await findOpen(client, target, change);
  const pull = existing
    ? await update(client, target, existing, change)
    : await create(client, target, change);
  const notes = [
    ...(await addLabels(client, target, pull, change.labels)),
    ...(await askReviewers(client, target, pull, change.reviewers)),
  ];
  return { url: pull.html_url, state: 'open', updated: existing !== undefined, notes };
}

async function findOpen(
  client: Octokit,
  target: Target,
  { head, base }: ProposedChange,
): Promise<PullRequest | undefined> {
  const { data } = await client.rest.pulls.list({
    ...target,
    state: 'open',
    head: `${target.owner}:${head}`,
    base,
  });
  return data[0];
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
    // The first answer may have been lost: then it is there by now, and the second was refused.
    const existing = statusOf(error) === 422 ? await findOpen(client, target, change) : undefined;
    if (existing) return existing;
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
 * Asks all at once, which is one mail to each; where that is refused, one by one: GitHub refuses
 * all of them for one that it does not know, or that opened the pull request.
 * @param names a reviewer with a slash is a team: `acme/backend-reviewers`.
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
  return noted(`${names.join(', ')} could not be asked to review`, error, target);
}

/** The pull request is there: whatever keeps GitHub from the rest is worth a note, and no more. */
function noted(words: string, error: unknown, { request }: Target): string {
  request.signal.throwIfAborted();
  return `${words}: ${error instanceof Error ? error.message : String(error)}`;
}

/** GitHub says so with 429, or with 403 and in words: then another attempt may do, later. */
function isRateLimit(status: number, error: unknown): boolean {
  if (status === 429) return true;
  return status === 403 && error instanceof Error && /rate limit/i.test(error.message);
}

function explained(error: unknown, project: string, base: string): unknown {
  const status = statusOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (status === 422 && /"field":"base"/.test(said)) {
    const words = `${project} on GitHub has no branch ${base}: set lifecycle.pullRequest.targetBranch.`;
    return new StepFailure(words, EXIT.refused, error);
  }
  if (status === undefined || status >= 500 || isRateLimit(status, error)) {
    return new StepFailure(`GitHub did not answer as it should: ${said}`, EXIT.failed, error);
  }
  const words = `GitHub refused the pull request for ${project} (${status}): ${said}`;
  return new StepFailure(words, EXIT.refused, error);
}
