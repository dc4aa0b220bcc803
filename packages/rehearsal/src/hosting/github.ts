import type { ServerResponse } from 'node:http';
import { isRecord } from '@agentteam/contract';
import { sendJson } from '../api/send-reply.ts';
import { pullJson } from './pull-json.ts';
import type { PullRequest, PullRequests } from './pull-requests.ts';

export interface GithubRequest {
  readonly path: string;
  readonly query: URLSearchParams;
}

type Body = Readonly<Record<string, unknown>>;

/** Only names that GitHub allows, which cannot lead out of a directory. */
const REPOSITORY = /^\/repos\/([A-Za-z0-9][A-Za-z0-9-]*)\/([\w-][\w.-]*)(\/.*)?$/;

/**
 * The part of GitHub's REST API that the product uses: read a repository; list, create, read and update
 * pull requests; request reviews; set labels (docs.github.com/en/rest/pulls, version 2022-11-28).
 */
export async function handleGithub(
  response: ServerResponse,
  method: string,
  { path, query }: GithubRequest,
  bodyText: string,
  pulls: PullRequests,
): Promise<void> {
  if (method === 'GET' && /^\/orgs\/[\w-]+\/teams\/[\w-]+$/.test(path)) {
    return sendJson(response, 200, { slug: path.split('/').at(-1) });
  }
  const [, owner, repo, rest = ''] = REPOSITORY.exec(path) ?? [];
  const body = readBody(bodyText);
  if (owner === undefined || repo === undefined || body === undefined) return notFound(response);
  const about = method === 'GET' ? aboutRepository(owner, repo, rest) : undefined;
  if (about !== undefined) return sendJson(response, 200, about);
  if (rest === '/pulls' && method === 'GET') {
    const found = pulls.list(owner, repo).filter((pull) => matches(pull, query));
    return sendJson(response, 200, found.map(pullJson));
  }
  if (rest === '/pulls' && method === 'POST') return create(response, owner, repo, body, pulls);
  const [, number, what] = /^\/(?:pulls|issues)\/(\d+)(\/\w+)?$/.exec(rest) ?? [];
  const pull = pulls.find(owner, repo, Number(number));
  if (pull === undefined) return notFound(response);
  const tooLong = lengthError(body);
  if (tooLong !== undefined) return invalid(response, tooLong);
  const changed = change(pull, `${method} ${what ?? ''}`, body);
  if (changed === undefined) return notFound(response);
  await pulls.save(changed);
  if (what === '/labels') return sendJson(response, 200, pullJson(changed).labels);
  sendJson(response, what === '/requested_reviewers' ? 201 : 200, pullJson(changed));
}

async function create(
  response: ServerResponse,
  owner: string,
  repo: string,
  body: Body,
  pulls: PullRequests,
): Promise<void> {
  const tooLong = lengthError(body);
  if (tooLong !== undefined) return invalid(response, tooLong);
  const head = textOf(body['head']).replace(`${owner}:`, '');
  const base = textOf(body['base']);
  if (head === base) return invalid(response, `No commits between ${base} and ${head}`);
  const all = pulls.list(owner, repo);
  if (all.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base)) {
    return invalid(response, `A pull request already exists for ${owner}:${head}.`);
  }
  const pull: PullRequest = {
    owner,
    repo,
    number: (all[0]?.number ?? 0) + 1,
    state: 'open',
    title: textOf(body['title']),
    body: textOf(body['body']),
    head,
    base,
    labels: [],
    reviewers: [],
    teamReviewers: [],
  };
  await pulls.save(pull);
  sendJson(response, 201, pullJson(pull));
}

/** Describes a repository in which everything is allowed and every user is a collaborator. */
function aboutRepository(owner: string, repo: string, rest: string): object | undefined {
  if (rest === '') {
    const permissions = { admin: false, push: true, pull: true };
    return { full_name: `${owner}/${repo}`, private: false, archived: false, permissions };
  }
  if (rest.startsWith('/rules/branches/')) return [];
  const [, branch] = /^\/branches\/(.+)$/.exec(rest) ?? [];
  if (branch !== undefined) return { name: branch, protected: false };
  return rest.startsWith('/collaborators/') ? {} : undefined;
}

function matches({ owner, head, base, state }: PullRequest, query: URLSearchParams): boolean {
  const wanted = query.get('state') ?? 'open';
  return (
    (wanted === 'all' || wanted === state) &&
    [null, base].includes(query.get('base')) &&
    [null, `${owner}:${head}`].includes(query.get('head'))
  );
}

/** @returns undefined for an operation that is not supported. */
function change(pull: PullRequest, what: string, body: Body): PullRequest | undefined {
  switch (what) {
    case 'GET ':
      return pull;
    case 'PATCH ':
      return {
        ...pull,
        title: textOf(body['title'] ?? pull.title),
        body: textOf(body['body'] ?? pull.body),
        base: textOf(body['base'] ?? pull.base),
        state: body['state'] === 'closed' ? 'closed' : 'open',
      };
    case 'POST /requested_reviewers':
      return {
        ...pull,
        reviewers: union(pull.reviewers, body['reviewers']),
        teamReviewers: union(pull.teamReviewers, body['team_reviewers']),
      };
    case 'POST /labels':
      return { ...pull, labels: union(pull.labels, body['labels']) };
    default:
      return undefined;
  }
}

function union(before: readonly string[], added: unknown): readonly string[] {
  return [...new Set([...before, ...(Array.isArray(added) ? added.map(String) : [])])];
}

/** @returns GitHub's error for a title or body that is too long. */
function lengthError(body: Body): string | undefined {
  for (const [field, most] of Object.entries({ title: 256, body: 65_536 })) {
    if (textOf(body[field]).length > most) return `${field} is too long (maximum is ${most})`;
  }
  return undefined;
}

function invalid(response: ServerResponse, message: string): void {
  const errors = [{ resource: 'PullRequest', code: 'custom', message }];
  sendJson(response, 422, { message: 'Validation Failed', errors });
}

function notFound(response: ServerResponse): void {
  sendJson(response, 404, { message: 'Not Found' });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function readBody(text: string): Body | undefined {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
