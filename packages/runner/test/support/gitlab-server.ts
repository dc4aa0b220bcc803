import { type ApiRequest, type ApiServer, serveApi } from './api-server.ts';
import { misfit } from './github-server.ts';

export interface StoredMergeRequest {
  readonly iid: number;
  readonly web_url: string;
  state: 'opened' | 'closed' | 'merged';
  /** The commit of the source branch. */
  readonly sha: string;
  readonly source_branch: string;
  readonly target_branch: string;
  title: string;
  description: string;
  labels: string[];
  reviewers: { id: number }[];
}

export interface GitLabServer extends ApiServer {
  readonly mergeRequests: StoredMergeRequest[];
  /** The commit of a branch. */
  commitOf: (branch: string) => string;
  /** The project, as its API describes it. */
  readonly about: {
    archived: boolean;
    /** Access level of the token's user. */
    level: number;
    requests: 'enabled' | 'disabled';
    scopes: readonly string[];
    /** Existing branches, and whether the user may push to them. */
    branches: Readonly<Record<string, boolean>>;
    /** Protected branches, with the access level that may push. */
    protection: Readonly<Record<string, number>>;
  };
}

const USERS = [{ id: 7, username: 'ada' }];

const FIELDS = { title: 'string', description: 'string', reviewer_ids: 'numbers' } as const;

/**
 * GitLab's merge requests according to its REST reference.
 * https://docs.gitlab.com/api/merge_requests/
 * @param certificate for https.
 */
export async function serveGitLab(
  project: string,
  token: string,
  certificate?: { readonly key: string; readonly cert: string },
): Promise<GitLabServer> {
  const mergeRequests: StoredMergeRequest[] = [];
  const about: GitLabServer['about'] = {
    archived: false,
    level: 30,
    requests: 'enabled',
    scopes: ['api'],
    branches: {},
    protection: {},
  };
  const root = `/api/v4/projects/${project}`;
  const server = await serveApi(
    (request) =>
      request.headers['private-token'] === token
        ? (describe(request, root, about) ??
          answer(request, `${root}/merge_requests`, mergeRequests, gitlab.commitOf))
        : { status: 401, body: { message: '401 Unauthorized' } },
    certificate,
  );
  const gitlab: GitLabServer = {
    ...server,
    url: `${server.url}/api/v4`,
    mergeRequests,
    commitOf: () => '',
    about,
  };
  return gitlab;
}

/** Answers read requests for a project. */
function describe({ method, path }: ApiRequest, root: string, about: GitLabServer['about']) {
  if (method !== 'GET') return undefined;
  if (path === '/api/v4/personal_access_tokens/self') {
    return { status: 200, body: { scopes: about.scopes } };
  }
  if (path === root) {
    const permissions = { project_access: { access_level: about.level }, group_access: null };
    const { archived, requests } = about;
    return { status: 200, body: { archived, permissions, merge_requests_access_level: requests } };
  }
  if (path === `${root}/protected_branches`) {
    const rules = Object.entries(about.protection).map(([name, level]) => ({
      name,
      push_access_levels: [{ access_level: level }],
    }));
    return { status: 200, body: rules };
  }
  const [, branch] = new RegExp(`^${root}/repository/branches/(.+)$`).exec(path) ?? [];
  return branch === undefined
    ? undefined
    : { status: 200, body: { name: branch, can_push: about.branches[branch] ?? true } };
}

function answer(
  { method, path, query, body }: ApiRequest,
  root: string,
  all: StoredMergeRequest[],
  commitOf: GitLabServer['commitOf'],
) {
  if (method === 'GET' && path === '/api/v4/users') {
    return { status: 200, body: USERS.filter((user) => user.username === query.get('username')) };
  }
  if (method === 'GET' && path === root) {
    const found = all.filter(
      (one) =>
        one.source_branch === query.get('source_branch') &&
        [null, one.target_branch].includes(query.get('target_branch')) &&
        [null, 'all', one.state].includes(query.get('state')),
    );
    return { status: 200, body: found };
  }
  if (method === 'POST' && path === root) {
    const shape = { ...FIELDS, labels: 'string', source_branch: 'string', target_branch: 'string' };
    const wrong = misfit(body, shape, ['title', 'source_branch', 'target_branch']);
    if (wrong) return { status: 400, body: { error: wrong } };
    const { source_branch, target_branch } = body as unknown as StoredMergeRequest;
    if (all.some((one) => one.source_branch === source_branch && one.state === 'opened')) {
      const message = ['Another open merge request already exists for this source branch'];
      return { status: 409, body: { message } };
    }
    const iid = all.length + 1;
    const made: StoredMergeRequest = {
      iid,
      web_url: `https://gitlab.example/mr/${iid}`,
      state: 'opened',
      sha: commitOf(source_branch),
      source_branch,
      target_branch,
      title: String(body['title']),
      description: String(body['description']),
      labels: String(body['labels'] ?? '').split(','),
      reviewers: people(body),
    };
    all.push(made);
    return { status: 201, body: made };
  }
  const one = all.find(({ iid }) => path === `${root}/${iid}`);
  if (method === 'PUT' && one) {
    const wrong = misfit(body, { ...FIELDS, add_labels: 'string' }, []);
    if (wrong) return { status: 400, body: { error: wrong } };
    one.title = String(body['title']);
    one.description = String(body['description']);
    if (body['reviewer_ids'] !== undefined) one.reviewers = people(body);
    return { status: 200, body: one };
  }
  return { status: 404, body: { message: '404 Not Found' } };
}

function people(body: ApiRequest['body']): { id: number }[] {
  return ((body['reviewer_ids'] as number[] | undefined) ?? []).map((id) => ({ id }));
}
