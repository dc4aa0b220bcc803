import type { AgentTeam } from '@agentteam/api';
import { hostingApiOf } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import type { CompileOptions } from '../resolve/options.ts';

/** What is not wrong, and worth a look before money is spent. */
export function checkWarnings(team: AgentTeam, options: CompileOptions): readonly Problem[] {
  return [...checkAuth(team), ...checkHosting(team, options)];
}

function checkAuth({ spec }: AgentTeam): readonly Problem[] {
  const { apiKeySecret, oauthSecret } = spec.auth ?? {};
  if (apiKeySecret !== undefined && oauthSecret !== undefined) {
    return [
      {
        code: 'two-credentials',
        path: ['spec', 'auth', 'oauthSecret'],
        message: `\`auth.apiKeySecret\` (${apiKeySecret}) counts, and \`auth.oauthSecret\` is not used`,
        hint: 'remove the one that the team should not use',
      },
    ];
  }
  if (apiKeySecret !== undefined || oauthSecret !== undefined) return [];
  return [
    {
      code: 'no-credential',
      path: ['spec', spec.auth === undefined ? 'lead' : 'auth'].slice(0, spec.auth ? 2 : 1),
      message: 'the team has no credential for the API: in a cluster its agents cannot work',
      hint: 'set auth.apiKeySecret or auth.oauthSecret; `agentteam run` takes ANTHROPIC_API_KEY of your environment',
    },
  ];
}

function checkHosting({ spec }: AgentTeam, { hostingUrl }: CompileOptions): readonly Problem[] {
  const { repository, lifecycle } = spec;
  if (lifecycle.onComplete !== 'create-pr' || repository === undefined) return [];
  const path = ['spec', 'repository', 'url'];
  if (hostingUrl === undefined && hostingApiOf(repository.url) === undefined) {
    return [
      {
        code: 'unknown-hosting',
        path,
        message: `\`${repository.url}\` is on no hosting service that is known by its name, so a pull request needs the address of its API`,
        hint: 'set AGENTTEAM_HOSTING_URL (in a cluster, teams.hostingUrl), or use onComplete: push-branch',
      },
    ];
  }
  if (lifecycle.githubTokenSecret !== undefined || repository.credentialsSecret !== undefined) {
    return [];
  }
  return [
    {
      code: 'no-hosting-token',
      path: ['spec', 'lifecycle', 'onComplete'],
      message: 'opening a pull request needs a token, and the team names no Secret that has one',
      hint: 'set repository.credentialsSecret or lifecycle.githubTokenSecret',
    },
  ];
}
