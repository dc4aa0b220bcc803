import type { Octokit } from '@octokit/rest';
import { statusOf, type Target } from './github-target.ts';
import type { Forecast, PlannedChange } from './service.ts';

/**
 * What GitHub would say of a change. The repository, the rules for its branch and its reviewers are
 * asked for; whether the token may open pull requests GitHub tells only when one is opened, so one is
 * asked for that cannot be: from a branch to itself.
 */
export async function foreseeOnGitHub(
  client: Octokit,
  target: Target,
  change: PlannedChange,
): Promise<Forecast> {
  const forecast: Collected = { refusals: [], unknown: [] };
  // What pushes a branch need be of no use at the API.
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
    // The rest would say the same in other words.
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

const TOKEN = 'lifecycle.githubTokenSecret, else repository.credentialsSecret';

function note(
  error: unknown,
  { owner, repo }: Target,
  { base }: PlannedChange,
  { refusals, unknown }: Collected,
): void {
  const project = `${owner}/${repo}`;
  const said = error instanceof Error ? error.message : String(error);
  if (statusOf(error) === 401 && base !== undefined)
    refusals.push(`GitHub does not accept the \`token\` of the Secret (${TOKEN}).`);
  else unknown.push(`GitHub does not say everything about ${project}: ${said}`);
}

const checkRepository: Part = async (client, target, { base }, { refusals }) => {
  const project = `${target.owner}/${target.repo}`;
  let answer: Awaited<ReturnType<typeof client.rest.repos.get>>;
  try {
    answer = await client.rest.repos.get({ ...target });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    refusals.push(
      `GitHub has no repository ${project}, or the \`token\` (${TOKEN}) may not see it.`,
    );
    return;
  }
  const { archived, disabled, permissions } = answer.data;
  if (archived || disabled) {
    refusals.push(
      `${project} is ${archived ? 'archived' : 'disabled'} on GitHub: nothing can be pushed.`,
    );
  }
  // The token of an app is told that it may do nothing at all, which is not so.
  if (base !== undefined && permissions?.pull === true && !permissions.push) {
    refusals.push(`The \`token\` (${TOKEN}) may read ${project} and not write to it.`);
  }
  const scopes = answer.headers['x-oauth-scopes'];
  const needed = answer.data.private ? /\brepo\b/ : /\b(public_)?repo\b/;
  if (base !== undefined && typeof scopes === 'string' && scopes !== '' && !needed.test(scopes)) {
    refusals.push(`The \`token\` (${TOKEN}) has not the scope \`repo\`, only ${scopes}.`);
  }
};

/** A rule for a branch, and where it is from (https://docs.github.com/en/rest/repos/rules). */
interface Rule {
  readonly type: string;
  readonly ruleset_id?: number;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

const BLOCKING: Readonly<Record<string, (change: PlannedChange) => string | undefined>> = {
  creation: ({ exists }) => (exists ? undefined : 'it may not be created'),
  update: ({ exists }) => (exists ? 'it may not be changed' : undefined),
  pull_request: ({ exists }) => (exists ? 'it is changed by pull requests alone' : undefined),
  required_signatures: () => 'its commits must be signed, which those of agents are not',
  required_linear_history: () =>
    'it may have no merge commits, with which the work is brought together',
};

const checkRules: Part = async (client, target, change, { refusals }) => {
  const branch = { ...target, branch: change.head };
  const { data } = await client.request(
    'GET /repos/{owner}/{repo}/rules/branches/{branch}',
    branch,
  );
  for (const rule of data as readonly Rule[]) {
    const why = BLOCKING[rule.type]?.(change);
    if (why === undefined || (await mayBypass(client, target, rule))) continue;
    refusals.push(
      `A ruleset of ${target.owner}/${target.repo} protects the branch ${change.head}: ${why}. Set lifecycle.consolidatedBranchTemplate to a branch without that rule.`,
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
    unknown.push(`The branch ${head} is protected on GitHub, and the token may not see how.`);
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
    `${name} cannot be asked for a review of ${target.owner}/${target.repo}: correct lifecycle.pullRequest.reviewers.`;
  for (const name of reviewers) {
    const [org = '', slug] = name.split('/');
    try {
      if (slug === undefined) {
        await client.rest.repos.checkCollaborator({ ...target, username: name });
      } else {
        await client.rest.teams.getByName({ ...target, org, team_slug: slug });
      }
    } catch (error) {
      // A team that the token may not see is answered like one that is not there.
      if (statusOf(error) === 404 && slug === undefined) refusals.push(absent(name));
      else if (statusOf(error) === 404 || statusOf(error) === 403) {
        unknown.push(`The token may not see on GitHub whether ${name} can be asked for a review.`);
      } else throw error;
    }
  }
};

const checkOpening: Part = async (client, target, { base }, { refusals }) => {
  if (base === undefined) return;
  const title = 'Asked only to learn whether a pull request could be opened';
  try {
    await client.rest.pulls.create({ ...target, title, head: base, base });
  } catch (error) {
    const status = statusOf(error);
    if (status === 403 || status === 404) {
      const project = `${target.owner}/${target.repo}`;
      refusals.push(
        `The \`token\` (${TOKEN}) may not open pull requests in ${project}: give it the right to write them.`,
      );
    } else if (status !== 422) throw error;
  }
};
