import { isRecord } from '@agentteam/contract';
import { explain } from '../step/failure.ts';
import { type GitLabCall, GitLabError } from './gitlab-client.ts';
import { type Forecast, type PlannedChange, TOKEN_FIELDS } from './service.ts';

/** GitLab's access levels (https://docs.gitlab.com/api/access_requests/#valid-access-levels). */
const DEVELOPER = 30;

/** Predicts whether GitLab would accept a change, from the project, the branch, the reviewers and the token. */
export async function forecastOnGitLab(
  call: GitLabCall,
  project: string,
  change: PlannedChange,
  signal: AbortSignal,
): Promise<Forecast> {
  const refusals: string[] = [];
  const unknown: string[] = [];
  const root = `/projects/${encodeURIComponent(project)}`;
  /** @returns `undefined` when there is no such resource, or the token cannot see it. */
  const get = async (path: string): Promise<unknown> => {
    try {
      return await call('GET', path, undefined, signal);
    } catch (error) {
      if (error instanceof GitLabError && [403, 404].includes(error.status)) return undefined;
      throw error;
    }
  };
  try {
    const found = await get(root);
    if (!isRecord(found)) {
      // A credential that can push a branch may be useless at the API.
      if (change.base === undefined) return { refusals, unknown };
      const refusal = `GitLab has no project ${project}, or the \`token\` (${TOKEN_FIELDS}) cannot see it.`;
      return { refusals: [refusal], unknown };
    }
    const level = levelIn(found);
    if (found['archived'] === true) {
      refusals.push(`${project} is archived on GitLab, so nothing can be pushed to it.`);
    }
    if (level !== undefined && level < DEVELOPER) {
      refusals.push(
        `The \`token\` (${TOKEN_FIELDS}) needs at least the role Developer in ${project}.`,
      );
    }
    const open = change.exists
      ? await get(`${root}/repository/branches/${encodeURIComponent(change.head)}`)
      : await protectionOf(
          await get(`${root}/protected_branches?per_page=100`),
          change.head,
          level,
        );
    if (isRecord(open) && open['can_push'] === false) {
      refusals.push(
        `The branch ${change.head} is protected on GitLab; set lifecycle.consolidatedBranchTemplate to another one.`,
      );
    }
    if (change.base !== undefined) {
      refusals.push(...(await refusedRequest(get, found, change)));
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GitLabError && error.status === 401 && change.base !== undefined) {
      refusals.push(`GitLab does not accept the \`token\` of the Secret (${TOKEN_FIELDS}).`);
    } else unknown.push(`Some checks of ${project} on GitLab were skipped: ${explain(error)}`);
  }
  return { refusals, unknown };
}

async function refusedRequest(
  get: (path: string) => Promise<unknown>,
  project: Readonly<Record<string, unknown>>,
  { reviewers, labels }: PlannedChange,
): Promise<readonly string[]> {
  const refusals: string[] = [];
  if (project['merge_requests_access_level'] === 'disabled') {
    refusals.push('Merge requests are disabled in the project on GitLab.');
  }
  const own = await get('/personal_access_tokens/self');
  const scopes = isRecord(own) && Array.isArray(own['scopes']) ? own['scopes'] : undefined;
  if (scopes !== undefined && !scopes.includes('api')) {
    const known = scopes.join(', ');
    refusals.push(`The \`token\` (${TOKEN_FIELDS}) lacks the scope \`api\`; it only has ${known}.`);
  }
  for (const name of reviewers) {
    const users = await get(`/users?${new URLSearchParams({ username: name })}`);
    if (Array.isArray(users) && users.length === 0) {
      refusals.push(`GitLab has no user ${name}: correct lifecycle.pullRequest.reviewers.`);
    }
  }
  for (const label of labels.filter((text) => text.includes(','))) {
    refusals.push(
      `GitLab allows no comma in a label: correct \`${label}\` in lifecycle.pullRequest.labels.`,
    );
  }
  return refusals;
}

/** The token's access level in a project, granted by the project or its group. */
function levelIn(project: Readonly<Record<string, unknown>>): number | undefined {
  const { permissions } = project;
  if (!isRecord(permissions)) return undefined;
  const levels = ['project_access', 'group_access'].flatMap((key) => {
    const access = permissions[key];
    return isRecord(access) && typeof access['access_level'] === 'number'
      ? [access['access_level']]
      : [];
  });
  return levels.length === 0 ? undefined : Math.max(...levels);
}

/** Whether the protection rules, which may use `*`, would apply to a branch that does not exist yet. */
function protectionOf(
  list: unknown,
  branch: string,
  level: number | undefined,
): { readonly can_push: boolean } | undefined {
  if (!Array.isArray(list) || level === undefined) return undefined;
  const rules = list.filter(
    (rule) => isRecord(rule) && typeof rule['name'] === 'string' && covers(rule['name'], branch),
  );
  if (rules.length === 0) return undefined;
  const mayPush = rules.some((rule) => {
    const levels: unknown = rule['push_access_levels'];
    if (!Array.isArray(levels)) return true;
    return levels.some(
      (one) =>
        isRecord(one) &&
        (typeof one['access_level'] !== 'number' ||
          (one['access_level'] > 0 && level >= one['access_level'])),
    );
  });
  return { can_push: mayPush };
}

function covers(pattern: string, branch: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(branch);
}
