import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { type GitLabCall, GitLabError, gitLabClient } from './gitlab-client.ts';
import { foreseeOnGitLab } from './gitlab-forecast.ts';
import type { HostingAccess, HostingService, ProposedChange, PublishedChange } from './service.ts';

/** GitLab's merge requests, REST API v4. */
export function gitLab(access: HostingAccess): HostingService {
  const call = gitLabClient(access);
  const project = `/projects/${encodeURIComponent(access.project)}`;
  return {
    foresee: (change, signal) => foreseeOnGitLab(call, access.project, change, signal),
    publish: (change, signal) =>
      publish(call, project, change, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        throw explained(error, access.project);
      }),
  };
}

async function publish(
  call: GitLabCall,
  project: string,
  change: ProposedChange,
  signal: AbortSignal,
): Promise<PublishedChange> {
  const { ids, notes } = await reviewerIds(call, change.reviewers, signal);
  const fields = {
    title: change.title,
    description: change.body,
    ...(change.labels.length === 0 ? {} : { add_labels: change.labels.join(',') }),
  };
  const existing = await findOpen(call, project, change, signal);
  // GitLab replaces the list: whom people have asked since stays on it.
  const reviewers = [...new Set([...(existing?.reviewerIds ?? []), ...ids])];
  const all = reviewers.length === 0 ? fields : { ...fields, reviewer_ids: reviewers };
  const request = existing
    ? readRequest(await call('PUT', `${project}/merge_requests/${existing.iid}`, all, signal))
    : await create(call, project, change, all, signal);
  return {
    url: request.url,
    state: 'open',
    updated: existing !== undefined,
    notes,
  };
}

async function create(
  call: GitLabCall,
  project: string,
  change: ProposedChange,
  { add_labels: labels, ...fields }: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<MergeRequest> {
  const created = {
    ...fields,
    ...(labels === undefined ? {} : { labels }),
    source_branch: change.head,
    target_branch: change.base,
  };
  try {
    return readRequest(await call('POST', `${project}/merge_requests`, created, signal));
  } catch (error) {
    // The first answer may have been lost: then it is there by now, and the second was refused.
    const conflict = error instanceof GitLabError && error.status === 409;
    const existing = conflict ? await findOpen(call, project, change, signal) : undefined;
    if (existing) return existing;
    throw error;
  }
}

interface MergeRequest {
  readonly iid: number;
  readonly url: string;
  readonly reviewerIds: readonly number[];
}

async function findOpen(
  call: GitLabCall,
  project: string,
  { head, base }: ProposedChange,
  signal: AbortSignal,
): Promise<MergeRequest | undefined> {
  const query = new URLSearchParams({ state: 'opened', source_branch: head, target_branch: base });
  const found = await call('GET', `${project}/merge_requests?${query}`, undefined, signal);
  return Array.isArray(found) && found.length > 0 ? readRequest(found[0]) : undefined;
}

/** Reviewers are numbers there; people give names. One who is not found is a note. */
async function reviewerIds(call: GitLabCall, names: readonly string[], signal: AbortSignal) {
  const ids: number[] = [];
  const notes: string[] = [];
  for (const name of names) {
    const query = new URLSearchParams({ username: name });
    try {
      const users = await call('GET', `/users?${query}`, undefined, signal);
      const user: unknown = Array.isArray(users) ? users[0] : undefined;
      if (isObject(user) && typeof user['id'] === 'number') ids.push(user['id']);
      else notes.push(`GitLab knows no user ${name} to ask for a review`);
    } catch (error) {
      if (!(error instanceof GitLabError)) throw error;
      notes.push(`${name} could not be asked for a review: ${error.message}`);
    }
  }
  return { ids, notes };
}

function readRequest(value: unknown): MergeRequest {
  if (isObject(value) && typeof value['iid'] === 'number' && typeof value['web_url'] === 'string') {
    const reviewers: readonly unknown[] = Array.isArray(value['reviewers'])
      ? value['reviewers']
      : [];
    const reviewerIds = reviewers.flatMap((one) =>
      isObject(one) && typeof one['id'] === 'number' ? one['id'] : [],
    );
    return { iid: value['iid'], url: value['web_url'], reviewerIds };
  }
  throw new StepFailure('GitLab answered with something that is no merge request.', EXIT.failed);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function explained(error: unknown, project: string): unknown {
  if (!(error instanceof GitLabError)) return error;
  const { status, message } = error;
  if (status >= 500 || status === 429) {
    return new StepFailure(`GitLab did not answer as it should: ${message}`, EXIT.failed, error);
  }
  const words = `GitLab refused the merge request for ${project} (${status}): ${message}`;
  return new StepFailure(words, EXIT.refused, error);
}
