import type { AgentTeam } from '@agentteam/api';
import { COMPLETION_ACTIONS, hostingApiOf } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import type { CompileOptions } from '../resolve/options.ts';
import { warnOfServices } from './services.ts';

/** Finds what is valid but probably not intended, before money is spent. */
export function checkWarnings(team: AgentTeam, options: CompileOptions): readonly Problem[] {
  return [...checkAuth(team), ...checkHosting(team, options), ...warnOfServices(team)];
}

function checkAuth({ spec }: AgentTeam): readonly Problem[] {
  const { apiKeySecret, oauthSecret } = spec.auth ?? {};
  if (apiKeySecret !== undefined && oauthSecret !== undefined) {
    return [
      {
        code: 'two-credentials',
        path: ['spec', 'auth', 'oauthSecret'],
        message: `both credentials are set; \`auth.apiKeySecret\` (${apiKeySecret}) is used and \`auth.oauthSecret\` is ignored`,
        hint: 'remove the one that the team should not use',
      },
    ];
  }
  if (apiKeySecret !== undefined || oauthSecret !== undefined) return [];
  return [
    {
      code: 'no-credential',
      path: ['spec', spec.auth === undefined ? 'lead' : 'auth'].slice(0, spec.auth ? 2 : 1),
      message: 'the team has no credential for the API, so its agents cannot work in a cluster',
      hint: 'set auth.apiKeySecret or auth.oauthSecret; `agentteam run` uses ANTHROPIC_API_KEY from your environment',
    },
  ];
}

function checkHosting({ spec }: AgentTeam, { network }: CompileOptions): readonly Problem[] {
  const { repository, lifecycle } = spec;
  const { opensPullRequest } = COMPLETION_ACTIONS[lifecycle.onComplete];
  if (!opensPullRequest || repository === undefined) return [];
  const path = ['spec', 'repository', 'url'];
  if (network?.hostingUrl === undefined && hostingApiOf(repository.url) === undefined) {
    return [
      {
        code: 'unknown-hosting',
        path,
        message: `the hosting service of \`${repository.url}\` is unknown, so a pull request needs the address of its API`,
        hint: 'set AGENTTEAM_HOSTING_URL (in a cluster: the Helm value teams.hostingUrl), or use onComplete: push-branch',
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
      message: 'a pull request needs a token, and the team names no Secret with one',
      hint: 'set repository.credentialsSecret or lifecycle.githubTokenSecret',
    },
  ];
}
