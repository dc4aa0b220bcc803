import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { type GitLabCall, GitLabError, gitLabClient } from './gitlab-client.ts';
import type { HostingAccess, HostingService, ProposedChange, PublishedChange } from './service.ts';

/** GitLab's merge requests, REST API v4. */
export function gitLab(access: HostingAccess): HostingService {
  const call = gitLabClient(access);
  const project = `/projects/${encodeURIComponent(access.project)}`;
  return {
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
    ...(ids.length === 0 ? {} : { reviewer_ids: ids }),
  };
  const existing = await findOpen(call, project, change, signal);
  const request = existing
    ? await call('PUT', `${project}/merge_requests/${existing.iid}`, fields, signal)
    : await create(call, project, change, fields, signal);
  return {
    url: readRequest(request).web_url,
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
): Promise<unknown> {
  const created = {
    ...fields,
    ...(labels === undefined ? {} : { labels }),
    source_branch: change.head,
    target_branch: change.base,
  };
  try {
    return await call('POST', `${project}/merge_requests`, created, signal);
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
  readonly web_url: string;
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

/** Reviewers are numbers there; people give names. */
async function reviewerIds(call: GitLabCall, names: readonly string[], signal: AbortSignal) {
  const ids: number[] = [];
  const notes: string[] = [];
  for (const name of names) {
    const users = await call(
      'GET',
      `/users?${new URLSearchParams({ username: name })}`,
      undefined,
      signal,
    );
    const user: unknown = Array.isArray(users) ? users[0] : undefined;
    if (isObject(user) && typeof user['id'] === 'number') ids.push(user['id']);
    else notes.push(`GitLab knows no user ${name} to ask for a review`);
  }
  return { ids, notes };
}

function readRequest(value: unknown): MergeRequest {
  if (isObject(value) && typeof value['iid'] === 'number' && typeof value['web_url'] === 'string') {
    return { iid: value['iid'], web_url: value['web_url'] };
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
