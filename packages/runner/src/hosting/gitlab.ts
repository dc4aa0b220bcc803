import { EXIT, isRecord } from '@agentteam/contract';
import { StepFailure } from '../step/failure.ts';
import { type GitLabCall, GitLabError, gitLabClient } from './gitlab-client.ts';
import { forecastOnGitLab } from './gitlab-forecast.ts';
import {
  type FoundChange,
  type HostingAccess,
  type HostingService,
  type ProposedChange,
  type PublishedChange,
  selectChange,
} from './service.ts';

/** GitLab's merge requests, REST API v4. */
export function gitLab(access: HostingAccess): HostingService {
  const call = gitLabClient(access);
  const project = `/projects/${encodeURIComponent(access.project)}`;
  return {
    forecast: (change, signal) => forecastOnGitLab(call, access.project, change, signal),
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
    ...(change.labels.length > 0 && { add_labels: change.labels.join(',') }),
  };
  const existing = await find(call, project, change, signal);
  if (existing !== undefined && existing.state !== 'open') {
    return { url: existing.url, state: existing.state, updated: false, notes: [] };
  }
  // GitLab replaces the whole list. Keep the reviewers that people have added.
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
    ...(labels !== undefined && { labels }),
    source_branch: change.head,
    target_branch: change.base,
  };
  try {
    return readRequest(await call('POST', `${project}/merge_requests`, created, signal));
  } catch (error) {
    // The answer to a first request may have been lost, so that the merge request exists by now.
    const conflict = error instanceof GitLabError && error.status === 409;
    const existing = conflict ? await find(call, project, change, signal) : undefined;
    if (existing?.state === 'open') return existing;
    throw error;
  }
}

interface MergeRequest {
  readonly iid: number;
  readonly url: string;
  readonly reviewerIds: readonly number[];
}

/** The merge request that the change has. A person may have chosen another target branch for it. */
async function find(
  call: GitLabCall,
  project: string,
  change: ProposedChange,
  signal: AbortSignal,
): Promise<(MergeRequest & FoundChange) | undefined> {
  const query = new URLSearchParams({ source_branch: change.head, per_page: '100' });
  const found = await call('GET', `${project}/merge_requests?${query}`, undefined, signal);
  return selectChange(Array.isArray(found) ? found.map(readFound) : [], change);
}

function readFound(value: unknown): MergeRequest & FoundChange {
  const { state, target_branch: base, sha: commit } = isRecord(value) ? value : {};
  return {
    ...readRequest(value),
    state: state === 'merged' || state === 'closed' ? state : 'open',
    base: String(base),
    commit: String(commit),
  };
}

/** Looks up the ids of reviewers. A name that is not found becomes a note. */
async function reviewerIds(call: GitLabCall, names: readonly string[], signal: AbortSignal) {
  const ids: number[] = [];
  const notes: string[] = [];
  for (const name of names) {
    const query = new URLSearchParams({ username: name });
    try {
      const users = await call('GET', `/users?${query}`, undefined, signal);
      const user: unknown = Array.isArray(users) ? users[0] : undefined;
      if (isRecord(user) && typeof user['id'] === 'number') ids.push(user['id']);
      else notes.push(`No review could be requested from ${name}: GitLab has no such user`);
    } catch (error) {
      if (!(error instanceof GitLabError)) throw error;
      notes.push(`No review could be requested from ${name}: ${error.message}`);
    }
  }
  return { ids, notes };
}

function readRequest(value: unknown): MergeRequest {
  if (isRecord(value) && typeof value['iid'] === 'number' && typeof value['web_url'] === 'string') {
    const reviewers: readonly unknown[] = Array.isArray(value['reviewers'])
      ? value['reviewers']
      : [];
    const reviewerIds = reviewers.flatMap((one) =>
      isRecord(one) && typeof one['id'] === 'number' ? one['id'] : [],
    );
    return { iid: value['iid'], url: value['web_url'], reviewerIds };
  }
  throw new StepFailure('GitLab did not answer with a merge request.', EXIT.failed);
}

function explained(error: unknown, project: string): unknown {
  if (!(error instanceof GitLabError)) return error;
  const { status, message } = error;
  if (status >= 500 || status === 429) {
    return new StepFailure(`The request to GitLab failed: ${message}`, EXIT.failed, error);
  }
  const refusal = `GitLab refused the merge request for ${project} (${status}): ${message}`;
  return new StepFailure(refusal, EXIT.refused, error);
}
