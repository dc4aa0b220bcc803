import { type ApiAnswer, type ApiRequest, type ApiServer, serveApi } from './api-server.ts';
import type { IssuingApp } from './github-app-server.ts';

/** A pull request, with the fields that its callers read. */
export interface StoredPull {
  readonly number: number;
  readonly html_url: string;
  state: 'open' | 'closed';
  merged: boolean;
  readonly head: string;
  /** The commit of the head. */
  sha: string;
  base: string;
  title: string;
  body: string;
  labels: string[];
  reviewers: string[];
  teams: string[];
}

export interface GitHubServer extends ApiServer {
  readonly pulls: StoredPull[];
  /** The commit of a branch. */
  commitOf: (branch: string) => string;
  /** The answer to paths that the token may not use. */
  refused: (path: string) => ApiAnswer | undefined;
  /** The repository, as its API describes it. */
  readonly about: AboutRepository;
}

export interface AboutRepository {
  archived: boolean;
  permissions: Readonly<Record<string, boolean>>;
  /** `X-OAuth-Scopes`, which only classic tokens have. */
  scopes?: string;
  /** Rules for every branch (https://docs.github.com/en/rest/repos/rules). */
  rules: readonly { readonly type: string; readonly ruleset_id: number }[];
  /** Whether the token's user can bypass the rules. */
  bypass: 'always' | 'never';
  /** Protected branches, with the protection that an administrator sees. */
  protection: Readonly<Record<string, object>>;
  collaborators: readonly string[];
}

/**
 * GitHub's pull requests according to its REST reference (API version 2022-11-28). It checks the
 * requests, and answers 422 or 401 as GitHub does.
 * https://docs.github.com/en/rest/pulls/pulls
 * @param token the accepted token, or the App that issues the accepted ones.
 * @param base path of its API: `/api/v3` on GitHub Enterprise.
 * @param certificate for https.
 */
export async function serveGitHub(
  project: string,
  token: string | IssuingApp,
  base = '',
  certificate?: { readonly key: string; readonly cert: string },
): Promise<GitHubServer> {
  const pulls: StoredPull[] = [];
  const root = `${base}/repos/${project}`;
  const server = await serveApi((request) => {
    const issued = typeof token === 'string' ? undefined : token.answer(request, base);
    if (issued !== undefined) return issued;
    const given = request.headers.authorization?.replace(/^token /, '') ?? '';
    if (!(typeof token === 'string' ? given === token : token.isValid(given))) {
      return { status: 401, body: { message: 'Bad credentials' } };
    }
    if (!request.headers['user-agent']) return { status: 403, body: { message: 'No user agent' } };
    if (!request.headers.accept?.startsWith('application/vnd.github')) {
      return { status: 415, body: { message: 'Not GitHub media' } };
    }
    return (
      hosting.refused(request.path) ??
      describe(request, root, hosting.about) ??
      answer(request, root, pulls, hosting.commitOf)
    );
  }, certificate);
  const hosting: GitHubServer = {
    ...server,
    url: `${server.url}${base}`,
    pulls,
    commitOf: () => '',
    refused: () => undefined,
    about: {
      archived: false,
      permissions: { pull: true, push: true },
      rules: [],
      bypass: 'never',
      protection: {},
      collaborators: ['ada'],
    },
  };
  return hosting;
}

/** Answers read requests for a repository, its branches and its collaborators. */
function describe(
  { method, path }: ApiRequest,
  root: string,
  about: AboutRepository,
): ApiAnswer | undefined {
  if (method !== 'GET') return undefined;
  const notFound = { status: 404, body: { message: 'Not Found' } };
  if (path === root) {
    const { archived, permissions, scopes } = about;
    const headers: Record<string, string> =
      scopes === undefined ? {} : { 'X-OAuth-Scopes': scopes };
    return { status: 200, headers, body: { private: true, archived, permissions } };
  }
  const rest = path.startsWith(`${root}/`) ? path.slice(root.length) : path;
  if (rest.startsWith('/rules/branches/')) return { status: 200, body: about.rules };
  if (/^\/rulesets\/\d+$/.test(rest)) {
    return { status: 200, body: { current_user_can_bypass: about.bypass } };
  }
  const [, branch, protection] = /^\/branches\/(.+?)(\/protection)?$/.exec(rest) ?? [];
  if (branch !== undefined) {
    const own = about.protection[branch];
    if (protection === undefined) return { status: 200, body: { protected: own !== undefined } };
    return own === undefined ? notFound : { status: 200, body: own };
  }
  const [, user] = /^\/collaborators\/(.+)$/.exec(rest) ?? [];
  if (user !== undefined) return about.collaborators.includes(user) ? { status: 204 } : notFound;
  return undefined;
}

function answer(
  { method, path, query, body }: ApiRequest,
  root: string,
  pulls: StoredPull[],
  commitOf: GitHubServer['commitOf'],
) {
  const number = Number(/\/(?:pulls|issues)\/([0-9]+)/.exec(path)?.[1]);
  const pull = pulls.find((candidate) => candidate.number === number);
  switch (`${method} ${path.replace(String(number), ':number')}`) {
    case `GET ${root}/pulls`: {
      const [owner, branch] = (query.get('head') ?? '').split(/:(.*)/);
      if (owner !== root.split('/').at(-2)) return { status: 200, body: [] };
      const found = pulls.filter(
        ({ head, base, state }) =>
          head === branch &&
          [null, base].includes(query.get('base')) &&
          ['all', state].includes(query.get('state') ?? 'open'),
      );
      return { status: 200, body: found.map(asJson) };
    }
    case `POST ${root}/pulls`:
      return open(root, pulls, body, commitOf);
    case `PATCH ${root}/pulls/:number`: {
      const wrong = misfit(body, { title: 'string', body: 'string' }, []);
      if (pull === undefined || wrong) return invalid(wrong ?? 'Not Found');
      Object.assign(pull, body);
      return { status: 200, body: pull };
    }
    case `POST ${root}/issues/:number/labels`: {
      const wrong = misfit(body, { labels: 'strings' }, ['labels']);
      if (pull === undefined || wrong) return invalid(wrong ?? 'Not Found');
      pull.labels = [...new Set([...pull.labels, ...(body['labels'] as string[])])];
      return { status: 200, body: pull.labels.map((name) => ({ name })) };
    }
    case `POST ${root}/pulls/:number/requested_reviewers`: {
      const wrong = misfit(body, { reviewers: 'strings', team_reviewers: 'strings' }, []);
      if (pull === undefined || wrong) return invalid(wrong ?? 'Not Found');
      const names = body['reviewers'] as string[];
      if (names.includes('nobody')) {
        return invalid('Reviews may only be requested from collaborators.');
      }
      pull.reviewers = [...new Set([...pull.reviewers, ...names])];
      pull.teams = [...new Set([...pull.teams, ...(body['team_reviewers'] as string[])])];
      return { status: 201, body: pull };
    }
    default:
      return { status: 404, body: { message: `Not Found: ${method} ${path}` } };
  }
}

/** The form in which the API describes a pull request. */
function asJson({ head, base, sha, merged, ...pull }: StoredPull): object {
  return {
    ...pull,
    head: { ref: head, sha },
    base: { ref: base },
    merged_at: merged ? '2026-11-23T10:00:00Z' : null,
  };
}

function open(
  root: string,
  pulls: StoredPull[],
  body: Readonly<Record<string, unknown>>,
  commitOf: GitHubServer['commitOf'],
) {
  const shape = {
    title: 'string',
    head: 'string',
    base: 'string',
    body: 'string',
    draft: 'boolean',
  };
  const wrong = misfit(body, shape, ['title', 'head', 'base']);
  if (wrong) return invalid(wrong);
  const {
    title,
    head,
    base,
    body: text = '',
  } = body as Record<'title' | 'head' | 'base', string> & { readonly body?: string };
  if (text.length > 65_536) return invalid('body is too long (maximum is 65536 characters)');
  if (base === 'nowhere') {
    const errors = [{ resource: 'PullRequest', field: 'base', code: 'invalid' }];
    return { status: 422, body: { message: 'Validation Failed', errors } };
  }
  if (head === base) return invalid(`No commits between ${base} and ${head}`);
  if (pulls.some((pull) => pull.head === head && pull.base === base && pull.state === 'open')) {
    return invalid(`A pull request already exists for acme:${head}.`);
  }
  const number = pulls.length + 1;
  const pull: StoredPull = {
    number,
    html_url: `https://github.example${root.replace('/repos', '')}/pull/${number}`,
    state: 'open',
    merged: false,
    head,
    sha: commitOf(head),
    base,
    title,
    body: text,
    labels: [],
    reviewers: [],
    teams: [],
  };
  pulls.push(pull);
  return { status: 201, body: pull };
}

/** Why a body violates the reference; `undefined` when it does not. */
export function misfit(
  body: Readonly<Record<string, unknown>>,
  shape: Readonly<Record<string, string>>,
  required: readonly string[],
): string | undefined {
  const missing = required.find((name) => body[name] === undefined);
  if (missing) return `${missing} is missing`;
  const wrong = Object.entries(body).find(([name, value]) => !isA(value, shape[name]));
  return wrong && `${wrong[0]} is not as documented: ${JSON.stringify(wrong[1])}`;
}

function isA(value: unknown, type: string | undefined): boolean {
  if (type === 'strings')
    return Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (type === 'numbers')
    return Array.isArray(value) && value.every((item) => typeof item === 'number');
  return typeof value === type;
}

function invalid(message: string) {
  return { status: 422, body: { message, documentation_url: 'https://docs.github.com/rest' } };
}
