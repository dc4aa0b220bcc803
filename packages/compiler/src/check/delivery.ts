import type { AgentTeam } from '@agentteam/api';
import { COMPLETION_ACTIONS, gitOnlyHostOf } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import { expandTemplate, TEMPLATE_VARIABLES, unknownVariables } from '../resolve/template-text.ts';

/** Checks that templates of names use known variables, and that git can create the branches. */
export function checkDelivery(team: AgentTeam): readonly Problem[] {
  const { lifecycle } = team.spec;
  const texts = [
    { text: lifecycle.consolidatedBranchTemplate, path: ['consolidatedBranchTemplate'] },
    { text: lifecycle.prTitleTemplate, path: ['prTitleTemplate'] },
    { text: lifecycle.pullRequest?.titleTemplate, path: ['pullRequest', 'titleTemplate'] },
  ];
  const unknown = texts.flatMap(({ text, path }) =>
    unknownVariables(text ?? '').map((name) => ({
      code: 'unknown-variable',
      path: ['spec', 'lifecycle', ...path],
      message: `unknown variable \`{{.${name}}}\``,
      hint: `use ${TEMPLATE_VARIABLES.map((known) => `{{.${known}}}`).join(' or ')}`,
    })),
  );
  return [...(unknown.length > 0 ? unknown : checkBranches(team)), ...checkPullRequest(team)];
}

function checkPullRequest({ spec: { repository, lifecycle } }: AgentTeam): readonly Problem[] {
  const host = gitOnlyHostOf(repository?.url ?? '');
  if (host === undefined || !COMPLETION_ACTIONS[lifecycle.onComplete]?.opensPullRequest) return [];
  return [
    {
      code: 'no-pull-requests',
      path: ['spec', 'lifecycle', 'onComplete'],
      message: `pull requests on ${host} are not supported`,
      hint: 'use onComplete: push-branch, and open the pull request there',
    },
  ];
}

/** Checks the branch that the work starts from, the result branch, and the pull request's target. */
function checkBranches(team: AgentTeam): readonly Problem[] {
  const { repository, lifecycle } = team.spec;
  const given = [
    { name: repository?.branch, path: ['repository', 'branch'] },
    {
      name: lifecycle.pullRequest?.targetBranch,
      path: ['lifecycle', 'pullRequest', 'targetBranch'],
    },
  ];
  const wrong = given.flatMap(({ name, path }): readonly Problem[] =>
    name === undefined || isBranchName(name)
      ? []
      : [
          {
            code: 'bad-branch',
            path: ['spec', ...path],
            message: `\`${name}\` is not a valid name for a branch`,
            hint: 'for example: main, releases/v2',
          },
        ],
  );
  return wrong.length > 0 ? wrong : checkResultBranch(team);
}

function checkResultBranch({ metadata, spec }: AgentTeam): readonly Problem[] {
  const { repository, lifecycle } = spec;
  const template: string | undefined = lifecycle.consolidatedBranchTemplate;
  // Even required fields may be missing here: a team that does not match the schema is checked as well.
  const { name, namespace = 'default' }: Partial<AgentTeam['metadata']> = metadata ?? {};
  if (repository === undefined || template === undefined || name === undefined) return [];
  const branch = expandTemplate(template, { TeamName: name, Namespace: namespace });
  const target = lifecycle.pullRequest?.targetBranch ?? repository.branch;
  const problem = (message: string, hint: string): readonly Problem[] => [
    {
      code: 'bad-branch',
      path: ['spec', 'lifecycle', 'consolidatedBranchTemplate'],
      message,
      hint,
    },
  ];
  if (!isBranchName(branch)) {
    return problem(
      `\`${branch}\` is not a valid name for a branch`,
      'for example: teams/{{.TeamName}}',
    );
  }
  if (branch === 'agents' || branch.startsWith('agents/')) {
    return problem(
      `\`${branch}\` is reserved for the agents’ own branches`,
      'use a name outside agents/, for example teams/{{.TeamName}}',
    );
  }
  for (const other of [repository.branch, lifecycle.pullRequest?.targetBranch]) {
    if (other !== undefined && (other.startsWith(`${branch}/`) || branch.startsWith(`${other}/`))) {
      return problem(
        `git cannot store both \`${other}\` and \`${branch}\`, because the shorter name would be a file and a directory at once`,
        'use another name, for example agent-teams/{{.TeamName}}',
      );
    }
  }
  if (COMPLETION_ACTIONS[lifecycle.onComplete]?.opensPullRequest && branch === target) {
    return problem(
      `a pull request cannot merge \`${branch}\` into itself`,
      'use another branch, for example teams/{{.TeamName}}, or onComplete: push-branch',
    );
  }
  return [];
}

/** The rules of `git check-ref-format --branch` (https://git-scm.com/docs/git-check-ref-format). */
function isBranchName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses these characters.
  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|^-|\.$/.test(name) || name === '@') return false;
  return name
    .split('/')
    .every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}
