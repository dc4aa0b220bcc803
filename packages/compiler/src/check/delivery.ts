import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../problem.ts';
import { expandTemplate, TEMPLATE_VARIABLES, unknownVariables } from '../resolve/template-text.ts';

/** The texts that name what a team delivers: variables that exist, and a branch that git can make. */
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
      message: `\`{{.${name}}}\` stands for nothing`,
      hint: `variables: ${TEMPLATE_VARIABLES.map((known) => `{{.${known}}}`).join(', ')}`,
    })),
  );
  return unknown.length > 0 ? unknown : checkBranches(team);
}

/** The branches that a team begins at, delivers, and asks to merge into. */
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
            message: `\`${name}\` cannot be a branch’s name`,
            hint: 'for example main, or releases/v2',
          },
        ],
  );
  return wrong.length > 0 ? wrong : checkResultBranch(team);
}

function checkResultBranch({ metadata, spec }: AgentTeam): readonly Problem[] {
  const { repository, lifecycle } = spec;
  const template: string | undefined = lifecycle.consolidatedBranchTemplate;
  // Of a team whose shape is wrong not even these need be there.
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
    return problem(`\`${branch}\` cannot be a branch’s name`, 'for example teams/{{.TeamName}}');
  }
  if (branch === 'agents' || branch.startsWith('agents/')) {
    return problem(
      `\`${branch}\` is where the agents’ own branches are`,
      'name it outside of agents/, for example teams/{{.TeamName}}',
    );
  }
  for (const other of [repository.branch, lifecycle.pullRequest?.targetBranch]) {
    if (other !== undefined && (other.startsWith(`${branch}/`) || branch.startsWith(`${other}/`))) {
      return problem(
        `git cannot have the branches \`${other}\` and \`${branch}\` at once: one would be a file, and the other a directory of that name`,
        `name it outside of ${other}/, for example agent-teams/{{.TeamName}}`,
      );
    }
  }
  if (lifecycle.onComplete === 'create-pr' && branch === target) {
    return problem(
      `a pull request cannot lead from \`${branch}\` to itself`,
      'name another branch, for example teams/{{.TeamName}}, or use onComplete: push-branch',
    );
  }
  return [];
}

/** `git check-ref-format --branch` (https://git-scm.com/docs/git-check-ref-format). */
function isBranchName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses just these.
  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|^-|\.$/.test(name) || name === '@') return false;
  return name
    .split('/')
    .every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}
