import type { Octokit } from '@octokit/rest';
import { explain } from '../step/failure.ts';
import { statusOf, type Target } from './github-target.ts';
import { type Forecast, type PlannedChange, TOKEN_FIELDS } from './service.ts';

/**
 * Predicts whether GitHub would accept a change, from the repository, the rules for its branch, and the
 * reviewers. GitHub reveals whether a token may open pull requests only when one is opened, so this
 * asks for an impossible one: from a branch to itself.
 */
export async function forecastOnGitHub(
  client: Octokit,
  target: Target,
  change: PlannedChange,
): Promise<Forecast> {
  const forecast: Collected = { refusals: [], unknown: [] };
  // A credential that can push a branch may be useless at the API.
  const forBranch = [checkRules, checkProtection];
  const parts =
    change.base === undefined
      ? forBranch
      : [checkRepository, ...forBranch, checkReviewers, checkOpening];
  for (const part of parts) {
    await part(client, target, change, forecast).catch((error: unknown) => {
      target.request.signal.throwIfAborted();
      note(error, target, change, forecast);
    });
    // The other checks would fail for the same reason.
    if (forecast.refusals.length > 0 && part === checkRepository) break;
  }
  return forecast;
}

interface Collected {
  readonly refusals: string[];
  readonly unknown: string[];
}

type Part = (
  client: Octokit,
  target: Target,
  change: PlannedChange,
  forecast: Collected,
) => Promise<void>;

function note(
  error: unknown,
  { owner, repo }: Target,
  { base }: PlannedChange,
  { refusals, unknown }: Collected,
): void {
  const project = `${owner}/${repo}`;
  if (statusOf(error) === 401 && base !== undefined) {
    refusals.push(`GitHub does not accept the \`token\` of the Secret (${TOKEN_FIELDS}).`);
  } else {
    unknown.push(`Some checks of ${project} on GitHub were skipped: ${explain(error)}`);
  }
}

const checkRepository: Part = async (client, target, { base }, { refusals }) => {
  const project = `${target.owner}/${target.repo}`;
  let answer: Awaited<ReturnType<typeof client.rest.repos.get>>;
  try {
    answer = await client.rest.repos.get({ ...target });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    refusals.push(
      `GitHub has no repository ${project}, or the \`token\` (${TOKEN_FIELDS}) cannot see it.`,
    );
    return;
  }
  const { archived, disabled, permissions } = answer.data;
  if (archived || disabled) {
    refusals.push(
      `${project} is ${archived ? 'archived' : 'disabled'} on GitHub, so nothing can be pushed to it.`,
    );
  }
  // For an app's token, GitHub reports no permissions at all, which is wrong.
  if (base !== undefined && permissions?.pull === true && !permissions.push) {
    refusals.push(`The \`token\` (${TOKEN_FIELDS}) can read ${project} but not write to it.`);
  }
  const scopes = answer.headers['x-oauth-scopes'];
  const needed = answer.data.private ? /\brepo\b/ : /\b(public_)?repo\b/;
  if (base !== undefined && typeof scopes === 'string' && scopes !== '' && !needed.test(scopes)) {
    refusals.push(
      `The \`token\` (${TOKEN_FIELDS}) lacks the scope \`repo\`; it only has ${scopes}.`,
    );
  }
};

/** A rule that applies to a branch (https://docs.github.com/en/rest/repos/rules). */
interface Rule {
  readonly type: string;
  readonly ruleset_id?: number;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

const BLOCKING: Readonly<Record<string, (change: PlannedChange) => string | undefined>> = {
  creation: ({ exists }) => (exists ? undefined : 'the branch may not be created'),
  update: ({ exists }) => (exists ? 'the branch may not be changed' : undefined),
  pull_request: ({ exists }) =>
    exists ? 'the branch may only be changed by pull requests' : undefined,
  required_signatures: () => "commits must be signed, and agents' commits are not",
  required_linear_history: () =>
    "merge commits are not allowed, and the agents' work is merged with them",
};

const checkRules: Part = async (client, target, change, { refusals }) => {
  const branch = { ...target, branch: change.head };
  const { data } = await client.request(
    'GET /repos/{owner}/{repo}/rules/branches/{branch}',
    branch,
  );
  for (const rule of data as readonly Rule[]) {
    const reason = BLOCKING[rule.type]?.(change);
    if (reason === undefined || (await mayBypass(client, target, rule))) continue;
    refusals.push(
      `A ruleset of ${target.owner}/${target.repo} protects the branch ${change.head}: ${reason}. Set lifecycle.consolidatedBranchTemplate to a branch without that rule.`,
    );
  }
};

async function mayBypass(client: Octokit, target: Target, rule: Rule): Promise<boolean> {
  if (rule.ruleset_id === undefined) return false;
  const of = { ...target, ruleset_id: rule.ruleset_id };
  const { data } = await client.request('GET /repos/{owner}/{repo}/rulesets/{ruleset_id}', of);
  const { current_user_can_bypass: bypass } = data as { readonly current_user_can_bypass?: string };
  return bypass === 'always' || bypass === 'exempt';
}

const checkProtection: Part = async (client, target, { head, exists }, { refusals, unknown }) => {
  if (!exists) return;
  const branch = { ...target, branch: head };
  const { data } = await client.rest.repos.getBranch(branch);
  if (!data.protected) return;
  const protection = await client.rest.repos.getBranchProtection(branch).catch((error: unknown) => {
    if (![403, 404].includes(statusOf(error) ?? 0)) throw error;
  });
  const rules = protection?.data;
  if (rules === undefined) {
    unknown.push(`The branch ${head} is protected on GitHub, and the token cannot see its rules.`);
  } else if (
    rules.required_pull_request_reviews !== undefined ||
    rules.restrictions !== undefined ||
    rules.lock_branch?.enabled ||
    rules.required_signatures?.enabled ||
    rules.required_linear_history?.enabled
  ) {
    refusals.push(
      `The branch ${head} is protected on GitHub; set lifecycle.consolidatedBranchTemplate to another one.`,
    );
  }
};

const checkReviewers: Part = async (client, target, { base, reviewers }, { refusals, unknown }) => {
  if (base === undefined) return;
  const absent = (name: string) =>
    `${name} cannot review ${target.owner}/${target.repo}: correct lifecycle.pullRequest.reviewers.`;
  for (const name of reviewers) {
    const [org = '', slug] = name.split('/');
    try {
      if (slug === undefined) {
        await client.rest.repos.checkCollaborator({ ...target, username: name });
      } else {
        await client.rest.teams.getByName({ ...target, org, team_slug: slug });
      }
    } catch (error) {
      // GitHub gives the same answer for a missing team and for one that the token cannot see.
      if (statusOf(error) === 404 && slug === undefined) refusals.push(absent(name));
      else if (statusOf(error) === 404 || statusOf(error) === 403) {
        unknown.push(`The token cannot see whether ${name} can review on GitHub.`);
      } else throw error;
    }
  }
};

const checkOpening: Part = async (client, target, { base }, { refusals }) => {
  if (base === undefined) return;
  const title = 'Check of permissions: this pull request is never opened';
  try {
    await client.rest.pulls.create({ ...target, title, head: base, base });
  } catch (error) {
    const status = statusOf(error);
    if (status === 403 || status === 404) {
      const project = `${target.owner}/${target.repo}`;
      refusals.push(
        `The \`token\` (${TOKEN_FIELDS}) may not open pull requests in ${project}: give it write access to pull requests.`,
      );
    } else if (status !== 422) throw error;
  }
};
